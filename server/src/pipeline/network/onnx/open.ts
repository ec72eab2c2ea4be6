/** Opens any ONNX classifier as a network: one float32 picture as input, its logits and activation, and the layers worth reporting. */
import { dirname } from 'node:path';
import type { BuiltNetwork } from '../../../architectures/network';
import { factsOfModel } from '../../../autodiff/facts';
import type { GraphFacts } from '../../../autodiff/rule';
import { LensError, namingModel } from '../../../errors';
import { toFloat32 } from '../../../lowering/float32';
import { lower } from '../../../lowering/lower';
import type { Precision } from '../../../lowering/precision';
import { precisionOf } from '../../../lowering/precision';
import type { BeyondRanges } from '../../../lowering/quantized/ranges';
import { withoutRanges } from '../../../lowering/quantized/ranges';
import { requireKnown } from '../../../lowering/require';
import type { InputSize } from '../../../lens/values';
import type { InputDims } from '../../../onnx/bind';
import type { ConstantTensor, Graph, Model, Node, ValueInfo } from '../../../onnx/model';
import { countParameters } from '../../../onnx/count-parameters';
import { elementCount } from '../../../onnx/model';
import { removeIdentities } from '../../../onnx/identities';
import { constantRoles } from '../../../onnx/quantized-constants';
import { pruneTo } from '../../../onnx/prune';
import { readExternal } from '../../../onnx/external-data';
import { readModel } from '../../../onnx/read';
import { inferShapes } from '../../../onnx/shapes';
import type { Skimmed } from '../../../onnx/skim';
import { skimModel } from '../../../onnx/skim';
import { simplify } from '../../../onnx/simplify';
import type { ReadActivation } from '../activation';
import { withWeightsInMemory } from '../weights-in-memory';
import type { Head } from '../head/read-head';
import { readHead } from '../head/read-head';
import type { FileForm } from './as-file';
import { asFile } from './as-file';
import { withBatchOfOne } from './batch-of-one';
import type { ChosenOutput } from './choose-output';
import { chooseOutput } from './choose-output';
import { findImage } from './image-input';
import { withRealScores } from './integer-scores';
import type { GraphLayers } from '../../../layers/layers';
import { layersOf } from '../../../layers/layers';
import type { GraphToRead } from '../../../layers/usable';
import { normalizationInside, rangeOf } from './normalization';
import { ancestorsOf, descendantsOf } from './paths';
import { dimsFor, presentPicture } from './present';
import type { Proved, ProvedInput } from './proved';
import { fromTensorFlow } from './tensorflow';
import { furtherInputs } from './refusals';

export interface OnnxNetwork extends BuiltNetwork, ReadActivation {
  /** The file as it is, where it does not compute in float32 throughout; null where it does. */
  readonly file: FileForm | null;
  /** Of a quantized file: see `withoutRanges`. */
  readonly beyond: BeyondRanges | null;
  readonly proved: Proved;
  /** The file's metadata, where it is short enough. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What was decided because the file leaves it open, in sentences. */
  readonly notes: readonly string[];
}

/** Side of the picture where neither the file nor the lens fixes it. */
const DEFAULT_SIZE = 224;

/** Most elements of a constant whose values are examined: weights have more. */
const MOST_CONSTANTS = 4096;

export interface OnnxOptions {
  /** Of the picture, where the file leaves it open. */
  readonly inputSize: InputSize | null;
  /** The output that holds the classes; null for the first. */
  readonly outputName?: string | null;
  /** False for who only looks at the network: then large weights of a large file are not read, and what is opened cannot be run. */
  readonly values?: boolean;
}

/** @throws LensError of kind `model`, naming the file, if it is not an image classifier */
export async function openOnnxClassifier(path: string, wanted: OnnxOptions): Promise<OnnxNetwork> {
  const file = await namingModel(path, () => readFile(path, wanted)); // data beside it names only itself
  try {
    const precision = precisionOf(file.model.graph);
    if (precision === null) return await describeClassifier(file, precision, wanted);
    if (wanted.values === false) {
      const looked = await describeClassifier(await withoutValues(file), precision, wanted).catch(needsAll);
      if (looked !== null) return looked;
    }
    const model = await withWeightsInMemory(file);
    return await describeClassifier({ ...file, model }, precision, wanted);
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    const { kind, message, fix, about } = thrown;
    throw new LensError(kind, `${path}: ${message}`, {
      ...{ cause: thrown, about },
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

/** What is not known without its weights may be known with them. */
const needsAll = (thrown: unknown): null => {
  if (thrown instanceof LensError) return null;
  throw thrown;
};

/** Values that networks are made of stay where they are; what they are scaled and shifted by decides how the graph is converted. */
async function withoutValues(file: Skimmed): Promise<Skimmed> {
  const roles = constantRoles(file.model.graph);
  const stays = (name: string, { type }: ConstantTensor): boolean =>
    type !== 'int32' && (roles.get(name) ?? 'value') === 'value';
  return { ...file, model: await withWeightsInMemory(file, stays) };
}

const readFile = async (path: string, { values = true }: OnnxOptions): Promise<Skimmed> =>
  values ? { model: await readModel(path), folder: dirname(path) } : skimModel(path);

/** Removes shape arithmetic, identities and dropout first: they are not layers, and gradients need not pass through them. */
async function describeClassifier(
  { model: file, folder }: Skimmed,
  precision: Precision | null,
  { inputSize, outputName }: OnnxOptions,
): Promise<OnnxNetwork> {
  const { image, info, others } = findImage(file.graph);
  const [tall, wide] = inputSize ?? [DEFAULT_SIZE, DEFAULT_SIZE];
  const shape = [1, image.channels, image.height ?? tall, image.width ?? wide];
  const output = outputOf(file, outputName ?? null, image, info, others, shape);
  const scores = withRealScores(file, output.tensor);
  const { tensor } = scores;
  const alone = onlyFor(scores.model, tensor);
  const presented = presentPicture(ofOneImage(alone, image, info, shape), image, shape);
  const lowered = lower(precision === null ? presented.model : toFloat32(presented.model), {
    [presented.name]: shape,
  });
  const { model } = simplify(lowered.model, { [presented.name]: shape });
  const facts = factsOfModel(model, { [presented.name]: shape });
  requireKnown(model.graph, tensor, facts, lowered.refusals);
  const fromImage = descendantsOf(presented.name, model.graph.nodes);
  const head = await readHead(model, tensor, fromImage, headFacts(model, facts, folder));
  const { logits, count, outputs, width, activation } = head;
  const normalization = normalizationInside(model.graph, image.name, image.layout, image.channels, facts);
  const own = activation?.probabilities?.tensor;
  const shown = {
    model,
    withHead: head.model,
    outputs: [logits, outputs, ...(own === undefined ? [] : [own])],
  };
  const open = precision === 'quantized' ? withoutRanges(head.model, facts) : null;
  const layers = readLayers(model, presented.name, head, precision, facts);
  return {
    id: 'onnx',
    model: open?.model ?? head.model,
    beyond: open?.beyond ?? null,
    file:
      precision === null
        ? null
        : { precision, model: asFile(presented.model, shown), half: halfEnds(file, image, tensor) },
    input: { name: presented.name, shape },
    ...{ logits, classes: count, outputs, width, activation },
    layers: layers.shown,
    allLayers: layers.all,
    // Of a quantized file's own: its float equivalent has scales among its constants.
    parameterCount: countParameters(precision === null ? model : file),
    proved: {
      input: image,
      normalization,
      range: /float/.test(image.type) ? normalization && rangeOf(normalization) : 'bytes',
      output: {
        ...{ name: output.name, classes: width, others: output.others, labels: output.labels },
        activation: activation?.origin === 'graph' ? activation.kind : null,
      },
      tensorflow: fromTensorFlow(file),
    },
    metadata: kept(file.metadata),
    notes: [...openSize(image, inputSize, shape), ...output.notes, ...scores.notes],
  };
}

/** On the way from the picture to the logits; of a quantized file those of the float file: its ranges are not nodes of their own. */
function readLayers(
  model: Model,
  image: string,
  { sources }: Head,
  precision: Precision | null,
  facts: GraphFacts,
): GraphLayers {
  const { graph } = precision === 'quantized' ? opened(model, sources, facts) : model;
  const useful = ancestorsOf(sources, graph.nodes);
  const fromImage = descendantsOf(image, graph.nodes);
  const onTheWay = (name: string): boolean => useful.has(name) && fromImage.has(name);
  return layersOf(toRead(graph, image, onTheWay, facts));
}

/** The graph without its ranges, in which `kept` keep their names; each of its tensors is one of `withoutRanges`' too. */
const opened = (model: Model, kept: readonly string[], facts: GraphFacts): Model => {
  const { model: open } = withoutRanges(model, facts);
  return { ...open, graph: pruneTo(removeIdentities(open.graph, new Set(kept)), kept) };
};

/** Types of inner tensors are unknown, and their rounding is not visible. */
const halfEnds = ({ graph }: Model, image: ProvedInput, scores: string): FileForm['half'] => ({
  picture: image.type === 'float16',
  scores: graph.outputs.some(({ name, type }) => name === scores && type === 'float16'),
});

const toRead = (
  graph: Graph,
  image: string,
  onTheWay: (tensor: string) => boolean,
  facts: GraphFacts,
): GraphToRead => ({
  ...{ graph, image, between: makersOf(onTheWay, graph.nodes) },
  factsOf: (name) => facts.factsOf(name),
});

const makersOf = (wanted: (tensor: string) => boolean, nodes: readonly Node[]): ReadonlySet<Node> =>
  new Set(nodes.filter(({ outputs }) => outputs.some(wanted)));

/** A picture's size that is not given is a guess. */
function openSize(
  { height, width, name }: ProvedInput,
  wanted: InputSize | null,
  shape: readonly number[],
): string[] {
  if (wanted !== null || (height !== null && width !== null)) return [];
  const [, , h, w] = shape;
  return [`The input "${name}" leaves its size open: it was given ${w} x ${h} pixels, the usual size.`];
}

/** Characters of a file's metadata: names of classes, not weights. */
const MOST_METADATA = 1_000_000;

/** Entry by entry, up to the limit. */
function kept(metadata: Model['metadata']): Readonly<Record<string, string>> {
  let room = MOST_METADATA;
  const entries = [...metadata].filter(([key, value]) => {
    const size = key.length + value.length;
    if (size > room) return false;
    room -= size;
    return true;
  });
  return Object.fromEntries(entries);
}

const headFacts = (model: Model, facts: GraphFacts, folder: string): Parameters<typeof readHead>[3] => ({
  opset: facts.opset,
  factsOf: (tensor) => facts.factsOf(tensor),
  dimsOf: (tensor) => facts.factsOf(tensor)?.dims,
  valueOf: (tensor) => {
    const dims = facts.factsOf(tensor)?.dims ?? model.graph.initializers.get(tensor)?.dims;
    return dims !== undefined && elementCount(dims) <= MOST_CONSTANTS ? facts.valueOf(tensor) : undefined;
  },
  read: (tensor, data) => readExternal(folder, data, `tensor "${tensor}"`),
});

/**
 * Chosen among all that the file has, whose shapes are those for one image.
 * @throws LensError of kind `model` where it also needs another input
 */
function outputOf(
  file: Model,
  wanted: string | null,
  image: ProvedInput,
  info: ValueInfo,
  others: readonly ValueInfo[],
  shape: readonly number[],
): ChosenOutput {
  const open = others.map(
    ({ name, dims: sizes }) =>
      [name, sizes?.map((size) => (typeof size === 'number' ? size : 1)) ?? []] as const,
  );
  const own = dimsFor(image.layout, [image.batch ?? 1, ...shape.slice(1)]);
  const dims: InputDims = Object.fromEntries([...open, [info.name, own] as const]);
  const facts = inferShapes(lower(file, dims).model, dims, { unknown: 'leave out' });
  const [, , height = 0, width = 0] = shape;
  const chosen = chooseOutput(file.graph, wanted, [height, width], (tensor) => {
    const known = facts.get(tensor);
    return known && image.batch !== null ? { ...known, dims: ofOneRow(known.dims, image.batch) } : known;
  });
  const needed = ancestorsOf([chosen.tensor], file.graph.nodes);
  const further = others.filter(({ name }) => needed.has(name));
  if (further.length > 0) throw furtherInputs(info, further);
  return chosen;
}

const ofOneRow = ([first = 1, ...rest]: readonly number[], batch: number): readonly number[] => [
  first === batch ? 1 : first,
  ...rest,
];

/** The graph of one tensor, as its only output. */
const onlyFor = (model: Model, tensor: string): Model => ({
  ...model,
  graph: { ...pruneTo(model.graph, [tensor]), outputs: [{ name: tensor, type: 'float32', dims: null }] },
});

/** The part of a model with a fixed batch that belongs to one image. */
function ofOneImage(model: Model, image: ProvedInput, info: ValueInfo, shape: readonly number[]): Model {
  if (image.batch === null) return model;
  const dims: InputDims = { [info.name]: dimsFor(image.layout, [image.batch, ...shape.slice(1)]) };
  return withBatchOfOne(model, info.name, image.batch, dims);
}
