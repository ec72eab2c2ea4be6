/** Any ONNX classifier as a network: its image input, its logits and what follows them, and the layers worth reporting. */
import { factsOfModel } from '../../autodiff/facts';
import type { BuiltNetwork, ReportedLayer } from '../../architectures/network';
import { LensError, namingModel } from '../../errors';
import { lower } from '../../lowering/lower';
import { requireKnown } from '../../lowering/require';
import { countParameters, elementCount } from '../../onnx/model';
import type { Model, Node, ValueInfo } from '../../onnx/model';
import { readModel } from '../../onnx/read';
import { simplify } from '../../onnx/simplify';
import type { ReadActivation } from './activation';
import { readHead } from './head/read-head';

/** Operators whose outputs people know as layers; what lies between them is reported through them. */
const reported: ReadonlySet<string> = new Set([
  'Conv',
  'Add',
  'Concat',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'ReduceMean',
  'Gemm',
  'MatMul',
]);

/**
 * The most layers that are reported: more than any network in use has (DenseNet-201 has 311), and each takes some twenty nodes of the
 * explain graph and four pictures.
 */
export const MOST_LAYERS = 512;

const DEFAULT_SIZE = 224;

/** Elements of a constant whose values are looked at: those of weights are not. */
const MOST_CONSTANTS = 4096;

/** @throws LensError of kind `model`, naming the file, if it is no image classifier */
export async function openOnnxClassifier(
  path: string,
  wanted: number | null,
): Promise<BuiltNetwork & ReadActivation> {
  const model = await namingModel(path, () => readModel(path)); // data beside it names only itself
  try {
    return await describeClassifier(model, wanted);
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    const { kind, message, fix } = thrown;
    throw new LensError(kind, `${path}: ${message}`, {
      cause: thrown,
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

/** Shape arithmetic, identities and dropout go first: they are no layers, and gradients need not pass them. */
async function describeClassifier(
  file: Model,
  wanted: number | null,
): Promise<BuiltNetwork & ReadActivation> {
  const input = imageInput(file);
  const shape = inputShape(input, wanted);
  const lowered = lower(file, { [input.name]: shape });
  const { model } = simplify(lowered.model, { [input.name]: shape });
  const facts = factsOfModel(model, { [input.name]: shape });
  const output = model.graph.outputs[0]?.name ?? '';
  requireKnown(model.graph, output, (tensor) => facts.factsOf(tensor) !== undefined, lowered.refusals);
  const fromImage = descendantsOf(input.name, model.graph.nodes);
  const head = await readHead(model, output, fromImage, {
    opset: facts.opset,
    factsOf: (tensor) => facts.factsOf(tensor),
    dimsOf: (tensor) => facts.factsOf(tensor)?.dims,
    valueOf: (tensor) => {
      const dims = facts.factsOf(tensor)?.dims ?? model.graph.initializers.get(tensor)?.dims;
      return dims !== undefined && elementCount(dims) <= MOST_CONSTANTS ? facts.valueOf(tensor) : undefined;
    },
  });
  const { logits, count, outputs, width, activation } = head;
  return {
    id: 'onnx',
    model: head.model,
    input: { name: input.name, shape },
    ...{ logits, classes: count, outputs, width, activation },
    ...selected(layersOf(model, head.sources, (tensor) => facts.factsOf(tensor))),
    parameterCount: countParameters(model),
  };
}

function imageInput(model: Model): ValueInfo {
  const [input, ...others] = model.graph.inputs;
  if (input !== undefined && others.length === 0 && input.type === 'float32' && input.dims?.length === 4)
    return input;
  const found = model.graph.inputs.map(
    ({ name, type, dims }) => `${name} ${type} [${dims?.join(', ') ?? '?'}]`,
  );
  throw new LensError(
    'model',
    `expected one float32 image input of shape [1, 3, H, W], found ${found.join('; ') || 'none'}.`,
    { fix: 'Export the classifier with the image as its only input, channels first.' },
  );
}

/** Fixed sizes of the model hold; open ones take the wanted size. */
function inputShape({ dims, name }: ValueInfo, wanted: number | null): readonly number[] {
  const [, channels, height, width] = dims ?? [];
  const side = wanted ?? DEFAULT_SIZE;
  const fixed = (dim: unknown): number => (typeof dim === 'number' && dim > 0 ? dim : side);
  const [h, w] = [fixed(height), fixed(width)];
  if (typeof channels === 'number' && channels !== 3) {
    throw new LensError('model', `input "${name}" has ${channels} channels; expected 3 (RGB).`, {
      fix: 'Export the classifier for color images, channels first.',
    });
  }
  if (h !== w)
    throw new LensError('model', `input "${name}" is ${h}x${w}; expected a square.`, {
      fix: 'Export the classifier with a square input, or with height and width left open.',
    });
  return [1, 3, h, w];
}

type ShapeOf = (tensor: string) => { readonly type: string; readonly dims: readonly number[] } | undefined;

/** Tensors that a class activation map exists for, between the image and the logits, named as the file names them. */
function layersOf({ graph }: Model, logits: readonly string[], shapeOf: ShapeOf): readonly ReportedLayer[] {
  const useful = ancestorsOf(logits, graph.nodes);
  const fromImage = descendantsOf(graph.inputs[0]?.name ?? '', graph.nodes);
  return graph.nodes
    .filter(({ opType }) => reported.has(opType))
    .flatMap((node) => {
      const tensor = node.outputs[0] ?? '';
      const facts = shapeOf(tensor);
      const shaped = facts?.type === 'float32' && facts.dims[0] === 1 && [2, 4].includes(facts.dims.length);
      const between = useful.has(tensor) && fromImage.has(tensor);
      return shaped && between ? [{ name: tensor, tensor, shape: facts.dims }] : [];
    });
}

/** All, or as many as are reported at most, evenly spread, with the first and the last. */
function selected(layers: readonly ReportedLayer[]): Pick<BuiltNetwork, 'layers' | 'layersFound'> {
  const found = layers.length;
  if (found <= MOST_LAYERS) return { layers, layersFound: found };
  const places = Array.from({ length: MOST_LAYERS }, (_, i) =>
    Math.round((i * (found - 1)) / (MOST_LAYERS - 1)),
  );
  return { layers: places.flatMap((place) => layers[place] ?? []), layersFound: found };
}

function ancestorsOf(tensors: readonly string[], nodes: readonly Node[]): ReadonlySet<string> {
  const found = new Set(tensors);
  for (const { inputs, outputs } of nodes.toReversed()) {
    if (outputs.some((output) => found.has(output))) for (const input of inputs) found.add(input);
  }
  return found;
}

function descendantsOf(tensor: string, nodes: readonly Node[]): ReadonlySet<string> {
  const found = new Set([tensor]);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((input) => found.has(input))) for (const output of outputs) found.add(output);
  }
  return found;
}
