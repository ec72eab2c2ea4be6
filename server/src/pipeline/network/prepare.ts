/** From weights to an explain graph on disk: made once for each network, input size and set of methods. */
import { createHash } from 'node:crypto';

import { namingModel, throwIfAborted } from '../../errors';
import type { ExplainGraph } from '../../explain/assemble';
import type { MemoryEstimate } from '../../explain/memory';
import type { Precision } from '../../lowering/precision';
import type { Model } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import type { FolderCache } from '../../system/cache';
import type { SessionOptions } from '../../runtime/session';
import type { Optimizer } from '../../runtime/session-thread';
import type { PrepareOptions } from './assemble-network';
import type { CachedGraph } from './cached-graph';
import type { Activation } from './activation';
import { THRESHOLD } from './activation';
import type { DecidedNetwork } from './decide-activation';
import { graphKey, cachedGraph } from './cached-graph';
import type { PreparingStage } from './loading';
import { memoryLimit, requireMemory } from './memory-limit';
import type { Weights } from './weights';

/** What a report says about the network, and the names of the explain session's tensors. */
export interface About {
  readonly architecture: string;
  readonly parameters: number;
  /** Number of logits; one stands for two classes. */
  readonly logits: number;
  readonly classes: number;
  readonly activation: Activation;
  /** The arithmetic of the file; null for float32, which the explain graph uses. */
  readonly precision: Precision | null;
  readonly inputShape: readonly number[];
  readonly sha256: string;
  readonly notes: readonly string[];
  readonly checkpoint: DecidedNetwork['checkpoint'];
  readonly proved: DecidedNetwork['proved'];
  readonly metadata: DecidedNetwork['metadata'];
  /** The operator that yields each reported layer. */
  readonly operators: Readonly<Record<string, string>>;
  /** The line of source code that makes a layer, where the file says so. */
  readonly sources: Readonly<Record<string, string>>;
  /** How many layers the network has, reported or not. */
  readonly layersFound: number;
  readonly explain: Pick<ExplainGraph, 'inputs' | 'outputs'>;
  /** Memory that the explain graph takes. */
  readonly memory: MemoryEstimate;
}

export type { PrepareOptions } from './assemble-network';

export type Prepared = CachedGraph<About>;

/**
 * Loads the weights and builds the graph only if it is not cached. Given the session that it is for, the graph is
 * cached as the runtime optimizes it, where that can be loaded again, and otherwise as it was built.
 * @throws LensError of kind `model` or `output`
 */
export async function prepare(
  weights: Weights,
  options: PrepareOptions,
  cache: FolderCache,
  session: SessionOptions | null = null,
  optimizer?: Optimizer,
): Promise<Prepared> {
  const { signal } = options;
  const source = weights.path ?? weights.name;
  const limit = memoryLimit(options.memoryLimit ?? null);
  const begin = async (stage: PreparingStage): Promise<void> => {
    options.preparing?.(stage);
    await new Promise((resolve) => setImmediate(resolve)); // much of it blocks this thread: send the message first
    throwIfAborted(signal);
  };
  const assemble = async () => {
    // The code that builds graphs, with the rules of all operators, is loaded only if the graph is not cached.
    const { assembleNetwork, finishOptimized, fitsBlocks, kernelsApart } = await import('./assemble-network');
    const { network, graph, block, memory } = await assembleNetwork(
      weights,
      options,
      session,
      begin,
      optimizer,
    );
    const sha256 = (await weights.sha256()) ?? hashOfWeights(network.model);
    const finish = (optimized: Model): Model => finishOptimized(optimized, graph, block);
    await begin('optimizing'); // by the runtime, when the graph is cached, or else when it is loaded
    const optimization = fitsBlocks(network.model) ? ('all' as const) : ('extended' as const);
    const about = describe(network, graph, sha256, memory);
    const apart = block === null ? null : (model: Model) => kernelsApart(model, graph.shapes, block);
    const made = { model: graph.model, about, optimization, finish };
    return { ...made, ...(apart && { apart }), ...(optimizer && { optimizer }) };
  };
  const make = () => namingModel(source, assemble);
  const kept = await cachedGraph(cache, await keyOf(weights, options, session), session, make, signal);
  requireMemory(kept.about.memory, limit, source); // it may have been built under another limit
  return kept;
}

/** Whether `prepare` would find everything cached. */
export async function isPrepared(
  weights: Weights,
  options: PrepareOptions,
  cache: FolderCache,
  session: SessionOptions,
): Promise<boolean> {
  return cache.has(await keyOf(weights, options, session));
}

async function keyOf(
  weights: Weights,
  { inputSize, methods, activation = 'auto', threshold = THRESHOLD, layers, outputName }: PrepareOptions,
  session: SessionOptions | null,
): Promise<string> {
  const head = activation === 'auto' && threshold === THRESHOLD ? [] : [activation, threshold];
  const chosen = [layers ?? null, outputName ?? null];
  const asked = chosen.every((part) => part === null) ? [] : [chosen];
  return graphKey([await weights.identity(), inputSize, methods, ...head, ...asked], session);
}

function describe(
  network: DecidedNetwork,
  graph: ExplainGraph,
  sha256: string,
  memory: MemoryEstimate,
): About {
  const operators = new Map(
    network.model.graph.nodes.flatMap(({ opType, outputs }) =>
      outputs.map((output) => [output, opType] as const),
    ),
  );
  return {
    architecture: network.id,
    parameters: network.parameterCount,
    logits: network.classes,
    classes: Math.max(2, network.classes),
    activation: network.activation,
    precision: network.file?.precision ?? null,
    inputShape: network.input.shape,
    sha256,
    notes: network.notes,
    checkpoint: network.checkpoint,
    proved: network.proved,
    metadata: network.metadata,
    operators: Object.fromEntries(
      network.layers.map(({ name, tensor }) => [name, operators.get(tensor) ?? 'Input']),
    ),
    sources: Object.fromEntries(
      network.layers.flatMap(({ name, source }) => (source === undefined ? [] : [[name, source] as const])),
    ),
    layersFound: network.layersFound ?? network.layers.length,
    explain: { inputs: graph.inputs, outputs: graph.outputs },
    memory,
  };
}

/** For generated weights, which have no file: names and bytes in the order of the graph. */
function hashOfWeights({ graph }: Model): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of graph.initializers) if (!isExternal(data)) hash.update(name).update(data);
  return hash.digest('hex');
}
