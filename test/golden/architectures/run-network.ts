/** Runs a built network on the golden image, with every reported layer as an output. */
import type { BuiltNetwork } from '../../../server/src/architectures/network';
import type { Shapes, StateDict } from '../../../server/src/architectures/state-dict';
import type { Model } from '../../../server/src/onnx/model';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../../server/src/runtime/session';
import type { Golden } from './golden';
import { goldenImage, goldenTensor } from './golden';

export interface Outputs {
  readonly logits: Float32Array;
  /** Activation of each reported layer by its name. */
  readonly layers: ReadonlyMap<string, Float32Array>;
}

export async function runNetwork(network: BuiltNetwork): Promise<Outputs> {
  const results = await withSession(withLayerOutputs(network), (session) =>
    session.run({ [network.input.name]: imageFor(network) }),
  );
  const layers = network.layers.map(({ name, tensor }) => [name, floats(results, tensor)] as const);
  return { logits: floats(results, network.logits), layers: new Map(layers) };
}

export function imageFor(network: BuiltNetwork): Tensor {
  const dims = network.input.shape;
  return { type: 'float32', dims, data: goldenImage(dims[2]!) };
}

export async function withSession<T>(model: Model, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await createSession(encodeModel(model), { provider: 'cpu' });
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

function withLayerOutputs({ model, layers, logits }: BuiltNetwork): Model {
  const extra = layers.filter(({ tensor }) => tensor !== logits);
  const outputs = extra.map(({ tensor, shape }) => ({ name: tensor, type: 'float32' as const, dims: shape }));
  return { ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, ...outputs] } };
}

export function floats(results: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const tensor = results[name];
  if (tensor?.type !== 'float32') throw new Error(`Output ${name} is ${tensor?.type ?? 'absent'}.`);
  return tensor.data;
}

/** The reference's weights for these names, without a file. */
export function goldenStateDict(golden: Golden, shapes: Shapes): StateDict {
  const shape = (name: string) => shapes.get(name)!;
  return {
    has: (name) => shapes.has(name),
    shape,
    names: () => shapes.keys(),
    float32: (name) => Promise.resolve(goldenTensor(golden, name, shape(name))),
  };
}

/** Means over a grid of at most 16x16 cells; row i is in cell row floor(i * rows / height). */
export function binned(map: Float32Array, height: number, width: number): Float64Array {
  const rows = Math.min(16, height);
  const columns = Math.min(16, width);
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  map.forEach((value, i) => {
    const row = Math.floor((Math.floor(i / width) * rows) / height);
    const cell = row * columns + Math.floor(((i % width) * columns) / width);
    sums[cell]! += value;
    counts[cell]!++;
  });
  return sums.map((sum, cell) => sum / counts[cell]!);
}

export const norm = (values: Iterable<number>): number => Math.hypot(...values);

/** |found - expected| / |expected|, L2. */
export function relativeError(found: Float64Array, expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  return norm(expected.map((value, i) => found[i]! - value)) / norm(expected);
}

/** Mean and population standard deviation. */
export function statistics(values: Float32Array): { readonly mean: number; readonly std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}

export function largestError(found: Float32Array, expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (found[i] ?? NaN))), 0);
}
