/** From weights to an explain graph on disk: made once for each network, input size and set of methods. */
import { createHash } from 'node:crypto';
import type { ActivationChoice, CamMethod } from '../../../../protocol/report';
import { namingModel, throwIfAborted } from '../../errors';
import type { ExplainGraph } from '../../explain/assemble';
import { assembleExplainGraph } from '../../explain/assemble';
import { blockedPasses } from '../../explain/blocked';
import { finishOptimized } from '../../explain/finish';
import type { MemoryEstimate } from '../../explain/memory';
import { estimateMemory } from '../../explain/memory';
import { explainPasses } from '../../explain/passes';
import type { Precision } from '../../lowering/precision';
import { spread } from '../../layers/by-operator';
import { MOST_LAYERS } from '../../layers/layers';
import { layersFitting } from '../../layers/patterns';
import type { Model } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { channelBlock } from '../../runtime/blocked-layout';
import type { InputSize } from '../../lens/values';
import type { FolderCache } from '../../system/cache';
import { keepsOptimized } from '../../runtime/optimized';
import type { SessionOptions } from '../../runtime/session';
import type { CachedGraph } from './cached-graph';
import type { Activation } from './activation';
import { boundOf, THRESHOLD } from './activation';
import type { DecidedNetwork } from './decide-activation';
import { decideActivation } from './decide-activation';
import { graphKey, cachedGraph } from './cached-graph';
import type { PreparingStage } from './loading';
import {
  forwardMemory,
  memoryLimit,
  requireClasses,
  requireLayers,
  requireMemory,
  requireNodes,
} from './memory-limit';
import type { Network, Weights } from './weights';
import { withWeightsInMemory } from './weights-in-memory';

/** What a report says of the network, and where to find what in the explain session. */
export interface About {
  readonly architecture: string;
  readonly parameters: number;
  /** One logit stands for two classes. */
  readonly logits: number;
  readonly classes: number;
  readonly activation: Activation;
  /** The arithmetic of the file; null where that is float32, as that of the explain graph. */
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
  /** How many layers the network has, whether reported or not. */
  readonly layersFound: number;
  readonly explain: Pick<ExplainGraph, 'inputs' | 'outputs'>;
  /** What the explain graph takes. */
  readonly memory: MemoryEstimate;
}

export type Prepared = CachedGraph<About>;

export interface PrepareOptions {
  /** Where the network leaves it open; null for its own. */
  readonly inputSize: InputSize | null;
  readonly methods: readonly CamMethod[];
  /** `auto` where it is left out. */
  readonly activation?: ActivationChoice;
  /** Of a network with one logit: above which probability the last class is the predicted one; 0.5 where it is left out. */
  readonly threshold?: number;
  /** Patterns over the names of layers; those that are shown by themselves where it is null or left out. */
  readonly layers?: readonly string[] | null;
  /** Of a network with several outputs; the one that holds the classes where it is null or left out. */
  readonly outputName?: string | null;
  /** MB that the network may take: see `AnalysisOptions`. */
  readonly memoryLimit?: number | null;
  readonly signal?: AbortSignal | undefined;
  /** Told of what goes on, only where something has to be made. */
  readonly preparing?: ((stage: PreparingStage) => void) | undefined;
}

/**
 * Loads the weights and builds the graph only where the cache has none. Given the session that it is for, the graph is
 * kept as the runtime optimizes it, where that can be loaded again, and otherwise as it was built.
 * @throws LensError of kind `model` or `output`
 */
export async function prepare(
  weights: Weights,
  options: PrepareOptions,
  cache: FolderCache,
  session: SessionOptions | null = null,
): Promise<Prepared> {
  const { inputSize, methods, signal, activation = 'auto', threshold = THRESHOLD } = options;
  const source = weights.path ?? weights.name;
  const limit = memoryLimit(options.memoryLimit ?? null);
  const begin = async (stage: PreparingStage): Promise<void> => {
    options.preparing?.(stage);
    await new Promise((resolve) => setImmediate(resolve)); // much of it blocks this thread: let the message out first
    throwIfAborted(signal);
  };
  const assemble = async () => {
    await begin('reading weights');
    const wanted = { inputSize, outputName: options.outputName ?? null };
    const loaded = withLayers(await weights.load(wanted, signal), options.layers ?? null, source);
    requireLayers(loaded.layers.length, source);
    requireClasses(loaded.classes, source);
    requireNodes(loaded.model.graph.nodes.length, source);
    // Before anything is run, and before a gradient makes constants of the size of what it differentiates.
    requireMemory(forwardMemory(loaded.model, loaded.input), limit, source);
    const network = await decideActivation(loaded, activation, signal);
    await begin('gradients');
    const inBlocks = session !== null && keepsOptimized(session.provider) && fitsBlocks(network.model);
    const block = inBlocks ? await channelBlock() : null;
    const graph = await explainGraph(network, methods, threshold, block);
    const sha256 = (await weights.sha256()) ?? hashOfWeights(network.model);
    const memory = estimateMemory(graph.model.graph, graph.shapes);
    requireMemory(memory, limit, source);
    const finish = (optimized: Model): Model => finishOptimized(optimized, graph, block);
    await begin('optimizing'); // by the runtime, as the graph is kept or else as it is loaded
    const optimization = fitsBlocks(network.model) ? ('all' as const) : ('extended' as const);
    return { model: graph.model, about: describe(network, graph, sha256, memory), optimization, finish };
  };
  const make = () => namingModel(source, assemble);
  const kept = await cachedGraph(cache, await keyOf(weights, options, session), session, make, signal);
  requireMemory(kept.about.memory, limit, source); // it may have been made under another limit
  return kept;
}

/** Whether `prepare` would find everything in the cache. */
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

/** With the layers that were asked for, as many as a report shows at most. */
function withLayers(network: Network, patterns: readonly string[] | null, source: string): Network {
  if (patterns === null) return network;
  const found = layersFitting(network.allLayers ?? network.layers, patterns, source);
  return { ...network, layers: spread(found, MOST_LAYERS), layersFound: found.length };
}

/**
 * Where the runtime works in blocks of channels, it puts a change of layout behind each tensor of the forward pass that the backward pass
 * reads, and sorts the graph ten times more, in time with the square of these: 0.7 s for 2,000 nodes, 3 s for 4,000.
 */
const MOST_NODES_IN_BLOCKS = 2_000;

const fitsBlocks = ({ graph }: Model): boolean => graph.nodes.length <= MOST_NODES_IN_BLOCKS;

/** @param block channels in a block of the layout in which the graph is kept; null if it is kept as it is built */
async function explainGraph(
  network: DecidedNetwork,
  methods: readonly CamMethod[],
  threshold: number,
  block: number | null,
): Promise<ExplainGraph> {
  const model = await withWeightsInMemory(network);
  const { input, logits, layers, activation } = network;
  const head = { logits, probabilities: activation.probabilities, bound: boundOf(activation, threshold) };
  const request = { model, inputShape: input.shape, ...head, layers, methods };
  return assembleExplainGraph(request, block === null ? explainPasses : blockedPasses(block));
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

/** Generated weights have no file: their names and bytes, in the order of the graph. */
function hashOfWeights({ graph }: Model): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of graph.initializers) if (!isExternal(data)) hash.update(name).update(data);
  return hash.digest('hex');
}
