/** Runs the last operators of a graph alone, on given values, by the runtime itself. */
import { GraphBuilder } from '../../../onnx/builder';
import type { ConstantTensor, DataType, ExternalData, Graph, Model } from '../../../onnx/model';
import { dataTypes, elementCount, isExternal } from '../../../onnx/model';
import { pruneTo } from '../../../onnx/prune';
import { encodeModel } from '../../../onnx/write';
import { LensError } from '../../../errors';
import type { FactsOf } from './cuts';
import { createSession } from '../../../runtime/onnxruntime';

export interface TailRequest {
  /** The tensor that takes the given values, and what is known of it. */
  readonly from: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Tensors that depend on the image only through `from`. */
  readonly to: readonly string[];
  readonly factsOf: FactsOf;
  /** Reads a constant that is not in memory. */
  readonly read: ReadConstant;
}

export type ReadConstant = (tensor: string, data: ExternalData) => Promise<Uint8Array>;

export interface TailValues {
  /** Those that were run. */
  readonly samples: readonly Float32Array[];
  /** By sample and tensor of `to`. */
  readonly values: readonly ReadonlyMap<string, Float32Array>[];
}

/** Constants of a tail: indices, axes, a scale for each class; more is a layer. */
const MOST_CONSTANT_BYTES = 1 << 24;

/** Elements that the nodes of a tail compute in one run: pairwise differences of a thousand classes are a million. */
const MOST_MADE = 1 << 22;

/** With more than this, only every third sample is run. */
const MANY_MADE = 1 << 16;

/**
 * @param samples values of `from`, each as long as the tensor
 * @returns null where the tail cannot be run alone, or would make more than a tail does
 */
export async function tailValues(
  model: Model,
  { from, type, dims, to, factsOf, read }: TailRequest,
  samples: readonly Float32Array[],
): Promise<TailValues | null> {
  const graph = await tailGraph(model.graph, { from, type, dims, to, read });
  const made = graph === null ? Infinity : madeBy(graph, factsOf);
  if (graph === null || made > MOST_MADE) return null;
  const used = made > MANY_MADE ? samples.filter((_, index) => index % 3 === 0) : samples;
  const encoded = encodeModel({ ...model, graph, metadata: new Map() });
  const session = await createSession(encoded, { provider: 'cpu', threads: 1 }).catch(refused);
  if (session === null) return null;
  try {
    const values: ReadonlyMap<string, Float32Array>[] = [];
    for (const data of used) {
      const results = await session.run({ [INPUT]: { type: 'float32', dims, data } });
      const found = new Map<string, Float32Array>();
      to.forEach((tensor, index) => {
        const result = results[outputName(index)];
        if (result?.type === 'float32') found.set(tensor, result.data);
      });
      if (found.size < to.length) return null;
      values.push(found);
    }
    return { samples: used, values };
  } catch (thrown) {
    return refused(thrown);
  } finally {
    await session.dispose();
  }
}

/** Unknown shapes may be of any size. */
function madeBy({ nodes }: Graph, factsOf: FactsOf): number {
  const known = nodes.flatMap(({ outputs }) =>
    outputs.filter((name) => name !== '' && !name.startsWith(OWN)),
  );
  return known.reduce((sum, name) => {
    const facts = factsOf(name);
    return sum + (facts === undefined ? Infinity : elementCount(facts.dims));
  }, 0);
}

/** An error here is dropped: the runtime reports it again, with more context, for the whole network. */
function refused(thrown: unknown): null {
  if (thrown instanceof LensError && thrown.kind === 'model') return null;
  throw thrown;
}

/** Begins the names of what is added to a tail. */
const OWN = 'lens/head/';
const INPUT = `${OWN}given`;
const outputName = (index: number): string => `${OWN}result_${index}`;

/** The nodes between `from` and `to`, taking and giving float32; null where more than that would be needed. */
async function tailGraph(
  graph: Graph,
  { from, type, dims, to, read }: Omit<TailRequest, 'factsOf'>,
): Promise<Graph | null> {
  const rest = graph.nodes.filter(({ outputs }) => !outputs.includes(from));
  const pruned = pruneTo({ ...graph, nodes: rest }, to);
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const readsImage = pruned.nodes.some((node) => node.inputs.some((input) => inputs.has(input)));
  const constants = [...pruned.initializers.values()].reduce((sum, tensor) => sum + sizeOf(tensor), 0);
  if (readsImage || constants > MOST_CONSTANT_BYTES) return null;
  const builder = new GraphBuilder('tail');
  builder.input(INPUT, 'float32', dims);
  for (const [name, tensor] of pruned.initializers) {
    const { data } = tensor;
    builder.initializer(name, isExternal(data) ? { ...tensor, data: await read(name, data) } : tensor);
  }
  builder.node('Cast', [INPUT], { to: dataTypes[type] }, from);
  for (const node of pruned.nodes) builder.append(node);
  to.forEach((tensor, index) => {
    builder.node('Cast', [tensor], { to: dataTypes.float32 }, outputName(index));
    builder.output(outputName(index), 'float32', null);
  });
  return builder.graph();
}

const sizeOf = ({ data, dims }: ConstantTensor): number =>
  Math.max(isExternal(data) ? data.length : data.byteLength, elementCount(dims));
