/** From an architecture and a state dict to an ONNX model. */
import { LensError } from '../errors';
import { GraphBuilder } from '../onnx/builder';
import { NetworkBuilder } from './layers';
import type { Parameters } from './difference';
import { sameDims } from '../onnx/dims';
import { dims } from './difference';
import type { Architecture, BuiltNetwork, Head } from './network';
import type { Shapes, StateDict } from './state-dict';

export interface BuildOptions {
  /** Side of the square input in pixels; the architecture's own by default. */
  readonly inputSize?: number;
  readonly head: Head;
}

/** The head as the library makes it. */
export function defaultHead(architecture: Architecture, classes: number): Head {
  return { path: architecture.head.path, classes, bias: true };
}

/** State-dict names and shapes in the order of the forward pass. */
export function parametersOf(architecture: Architecture, head: Head): Parameters {
  const { net } = walk(architecture, architecture.inputSize, head, null);
  return { shapes: net.parameters, unused: net.unused };
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
  const { inputSize = architecture.inputSize, head } = options;
  const weights = await readParameters(architecture.id, stateDict, parametersOf(architecture, head).shapes);
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

function walk(
  architecture: Architecture,
  size: number,
  head: Head,
  weights: ReadonlyMap<string, Float32Array> | null,
) {
  const shape = [1, 3, size, size];
  const graph = new GraphBuilder(architecture.id);
  const net = new NetworkBuilder(graph, weights);
  const tensor = graph.input('image', 'float32', shape);
  const features = architecture.trunk(net, { tensor, channels: 3, height: size, width: size });
  net.report(architecture.head.layer, net.linear(features, head.path, head.classes, head.bias, 'logits'));
  graph.output('logits', 'float32', [1, head.classes]);
  return { net, graph, shape };
}

function countTrainable(parameters: Shapes): number {
  let count = 0;
  for (const [name, shape] of parameters)
    if (!name.endsWith('.running_mean') && !name.endsWith('.running_var'))
      count += shape.reduce((product, length) => product * length, 1);
  return count;
}
