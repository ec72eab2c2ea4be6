/** From weights to the explain graph in memory: what is refused first, and which layout of channels it is built for. */
import type { ActivationChoice, CamMethod } from '../../../../protocol/report';
import type { ExplainGraph, ExplainRequest } from '../../explain/assemble';
import { assembleExplainGraph } from '../../explain/assemble';
import { blockedPasses } from '../../explain/blocked';
import type { MemoryEstimate } from '../../explain/memory';
import { estimateMemory } from '../../explain/memory';
import { assembleForGpu } from '../../explain/gpu';
import { explainPasses } from '../../explain/passes';
import { spread } from '../../layers/by-operator';
import { MOST_LAYERS } from '../../layers/layers';
import { layersFitting } from '../../layers/patterns';
import type { Model } from '../../onnx/model';
import { channelBlock } from '../../runtime/blocked-layout';
import { keepsOptimized } from '../../runtime/optimized';
import type { SessionOptions } from '../../runtime/session';
import type { Optimizer } from '../../runtime/session-thread';
import type { InputSize } from '../../lens/values';
import { boundOf, THRESHOLD } from './activation';
import type { DecidedNetwork } from './decide-activation';
import { decideActivation } from './decide-activation';
import { forwardMemory } from './forward-memory';
import type { PreparingStage } from './loading';
import { memoryLimit, requireClasses, requireLayers, requireMemory, requireNodes } from './memory-limit';
import type { Network, Weights } from './weights';
import { withWeightsInMemory } from './weights-in-memory';

/** The steps before and after the runtime optimizes the graph. */
export { kernelsApart } from '../../explain/blocked';
export { finishOptimized } from '../../explain/finish';

export interface PrepareOptions {
  /** For a network that leaves it open; null for its own. */
  readonly inputSize: InputSize | null;
  readonly methods: readonly CamMethod[];
  /** `auto` where it is left out. */
  readonly activation?: ActivationChoice;
  /** For a network with one logit, the probability above which the last class is predicted; 0.5 by default. */
  readonly threshold?: number;
  /** Patterns over layer names; the default layers if null or left out, none if empty. */
  readonly layers?: readonly string[] | null;
  /** For a network with several outputs; the one that holds the classes if null or left out. */
  readonly outputName?: string | null;
  /** MB that the network may take: see `AnalysisOptions`. */
  readonly memoryLimit?: number | null;
  readonly signal?: AbortSignal | undefined;
  /** Called with each stage, only where something has to be made. */
  readonly preparing?: ((stage: PreparingStage) => void) | undefined;
}

export interface AssembledNetwork {
  readonly network: DecidedNetwork;
  readonly graph: ExplainGraph;
  /** Channels in a block of the layout that the graph is for; null if it is kept as it is built. */
  readonly block: number | null;
  readonly memory: MemoryEstimate;
}

/**
 * @param session what the graph is for; null for any device
 * @param begin called with each stage as it begins
 * @param optimizer where the runtime works
 * @throws LensError of kind `model`
 */
export async function assembleNetwork(
  weights: Weights,
  options: PrepareOptions,
  session: SessionOptions | null,
  begin: (stage: PreparingStage) => Promise<void> = () => Promise.resolve(),
  optimizer?: Optimizer,
): Promise<AssembledNetwork> {
  const { inputSize, methods, signal, activation = 'auto', threshold = THRESHOLD } = options;
  const source = weights.path ?? weights.name;
  const limit = memoryLimit(options.memoryLimit ?? null);
  await begin('reading weights');
  const inBlocks = session !== null && keepsOptimized(session.provider);
  // A thread that waits anyway is asked while the weights are read.
  const early = inBlocks && optimizer !== undefined ? channelBlock(optimizer) : null;
  early?.catch(() => undefined); // reported below, where the answer is needed
  const wanted = { inputSize, outputName: options.outputName ?? null };
  const loaded = withLayers(await weights.load(wanted, signal), options.layers ?? null, source);
  requireLayers(loaded.layers.length, source);
  requireClasses(loaded.classes, source);
  requireNodes(loaded.model.graph.nodes.length, source);
  // Before anything is run, and before gradients create constants as large as the tensors they differentiate.
  requireMemory(forwardMemory(loaded.model, loaded.input), limit, source);
  const network = await decideActivation(loaded, activation, signal);
  await begin('gradients');
  const block = inBlocks && fitsBlocks(network.model) ? await (early ?? channelBlock(optimizer)) : null;
  const graph = await explainGraph(network, methods, threshold, assembleFor(session, block));
  const memory = estimateMemory(graph.model.graph, graph.shapes);
  requireMemory(memory, limit, source);
  return { network, graph, block, memory };
}

/** With the requested layers, at most as many as a report shows. */
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

export const fitsBlocks = ({ graph }: Model): boolean => graph.nodes.length <= MOST_NODES_IN_BLOCKS;

type Assemble = (request: ExplainRequest) => ExplainGraph;

/** @param block channels in a block of the layout in which the graph is kept; null if it is kept as it is built */
function assembleFor(session: SessionOptions | null, block: number | null): Assemble {
  const provider = session?.provider ?? 'cpu';
  if (provider !== 'cpu') return (request) => assembleForGpu(request, provider);
  return (request) => assembleExplainGraph(request, block === null ? explainPasses : blockedPasses(block));
}

async function explainGraph(
  network: DecidedNetwork,
  methods: readonly CamMethod[],
  threshold: number,
  assemble: Assemble,
): Promise<ExplainGraph> {
  const model = await withWeightsInMemory(network);
  const { input, logits, layers, activation } = network;
  const head = { logits, probabilities: activation.probabilities, bound: boundOf(activation, threshold) };
  const { beyond = null } = network;
  const request = { model, inputShape: input.shape, ...head, beyond, layers, methods };
  return assemble(request);
}
