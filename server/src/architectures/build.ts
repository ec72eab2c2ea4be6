/** From an architecture and a state dict to an ONNX model. */
import { LensError } from '../errors';
import { float32Tensor, GraphBuilder } from '../onnx/builder';
import { slice } from './channels-last';
import { NoGraph } from './no-graph';
import type { Values, Vector } from './layers';
import { NetworkBuilder, TooManyParameters } from './layers';
import type { Parameters } from './difference';
import { sameDims } from '../onnx/dims';
import { dims } from './difference';
import type { Architecture, BuiltNetwork, Head } from './network';
import type { Shapes, StateDict } from './state-dict';

export interface BuildOptions {
  /** Side of the square input in pixels; the architecture's own by default. */
  readonly inputSize?: number;
  readonly head: Head;
  /** False leaves every parameter unread: the graph has names and shapes, and cannot be run. */
  readonly values?: boolean;
}

/** The library's own head. */
export function defaultHead(architecture: Architecture, classes: number): Head {
  const { path, isConvolution = false } = architecture.head;
  return { path, classes, bias: true, isConvolution };
}

/** State-dict names and shapes in the order of the forward pass. */
export function parametersOf(architecture: Architecture, head: Head): Parameters {
  const { net } = walk(architecture, architecture.inputSize, head, null);
  return { shapes: net.parameters, unused: net.unused };
}

/** The same, or null where there are more than `most`: such a network is walked no further. */
export function parametersUpTo(most: number, architecture: Architecture, head: Head): Parameters | null {
  try {
    const { net } = walk(architecture, architecture.inputSize, head, null, most);
    return { shapes: net.parameters, unused: net.unused };
  } catch (error) {
    if (error instanceof TooManyParameters) return null;
    throw error;
  }
}

/**
 * Reads every parameter and builds the inference graph for one image of `inputSize` squared. The graph refers to the
 * arrays that the state dict returns; nothing is copied. The state dict must have been checked against
 * `parametersOf`: a shape that differs is an error all the same.
 */
export async function buildNetwork(
  architecture: Architecture,
  stateDict: StateDict,
  options: BuildOptions,
): Promise<BuiltNetwork> {
  const { inputSize = architecture.inputSize, head, values = true } = options;
  const weights = values
    ? await readParameters(architecture.id, stateDict, parametersOf(architecture, head).shapes)
    : 'unread';
  const { net, graph, shape } = walk(architecture, inputSize, head, weights);
  return {
    id: architecture.id,
    model: graph.model({ architecture: architecture.id }),
    input: { name: 'image', shape },
    logits: 'logits',
    classes: head.classes,
    layers: net.layers,
    parameterCount: countTrainable(net.parameters),
  };
}

/** Every parameter's values by name. `network` names it in the error for a tensor of another shape. */
export async function readParameters(
  network: string,
  stateDict: StateDict,
  shapes: Shapes,
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const found = stateDict.shape(name);
    if (!sameDims(shape, found))
      throw new LensError(
        'model',
        `${network}: expected "${name}" to have shape ${dims(shape)}, found ${dims(found)}.`,
        { fix: 'The file may have changed since it was read.', remedies: ['import-file'] },
      );
    values.set(name, await stateDict.float32(name));
  }
  return values;
}

function walk(architecture: Architecture, size: number, head: Head, weights: Values | null, most = Infinity) {
  const shape = [1, 3, size, size];
  const graph = weights === null ? new NoGraph(architecture.id) : new GraphBuilder(architecture.id);
  const net = new NetworkBuilder(graph, weights, most);
  const tensor = graph.input('image', 'float32', shape);
  const features = architecture.trunk(net, { tensor, channels: 3, height: size, width: size });
  const { layer, second } = architecture.head;
  const logits = logitsOf(net, features, head, second);
  if (second === undefined) net.report(layer, logits); // with two, neither gives the logits
  graph.output('logits', 'float32', [1, head.classes]);
  return { net, graph, shape };
}

/** Of one linear layer, or the mean of two, each on its half of the features. */
function logitsOf(net: NetworkBuilder, features: Vector, head: Head, second: string | undefined): Vector {
  const { path, classes: channels, bias, isConvolution = false } = head;
  const options = { channels, bias, isConvolution };
  if (second === undefined) return net.linear(features, path, { ...options, as: 'logits' });
  const each = features.channels / 2;
  const half = (index: number): Vector => ({
    tensor: slice(net, features.tensor, [1, index * each, (index + 1) * each], `features/${index}`),
    channels: each,
  });
  const [first, other] = [path, second].map((own, i) =>
    net.linear(half(i), own, { ...options, as: `logits/${i}` }),
  );
  const sum = net.graph.node('Add', [first?.tensor ?? '', other?.tensor ?? ''], {}, 'logits/sum');
  const two = net.graph.constant('logits/two', () => float32Tensor([], [2]));
  return { tensor: net.graph.node('Div', [sum, two], {}, 'logits'), channels };
}

/** What a library registers as a buffer: running statistics, and distances that positions are computed from. */
const BUFFER = /\.(running_mean|running_var|relative_coords_table)$/;

function countTrainable(parameters: Shapes): number {
  let count = 0;
  for (const [name, shape] of parameters)
    if (!BUFFER.test(name)) count += shape.reduce((product, length) => product * length, 1);
  return count;
}
