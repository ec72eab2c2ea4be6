/** From weights to an explain graph on disk: made once for each network, input size and set of methods. */
import { createHash } from 'node:crypto';
import type { CamMethod } from '../../../protocol/report';
import { throwIfAborted } from '../errors';
import type { ExplainGraph } from '../explain/assemble';
import { assembleExplainGraph } from '../explain/assemble';
import { blockedPasses } from '../explain/blocked';
import { finishOptimised } from '../explain/finish';
import { explainPasses } from '../explain/passes';
import type { ConstantTensor, Model } from '../onnx/model';
import { isExternal } from '../onnx/model';
import { readExternal } from '../onnx/external-data';
import { channelBlock } from '../runtime/blocked-layout';
import type { FolderCache } from '../runtime/cache';
import { keepsOptimised } from '../runtime/optimised';
import type { SessionOptions } from '../runtime/session';
import type { KeptGraph } from './kept-graph';
import { graphKey, keptGraph } from './kept-graph';
import type { Network, Weights } from './weights';

/** What a report says of the network, and where to find what in the explain session. */
export interface About {
  readonly architecture: string;
  readonly parameters: number;
  readonly classes: number;
  readonly inputShape: readonly number[];
  readonly sha256: string;
  readonly notes: readonly string[];
  /** The operator that yields each reported layer. */
  readonly operators: Readonly<Record<string, string>>;
  readonly explain: Pick<ExplainGraph, 'inputs' | 'outputs'>;
}

export type Prepared = KeptGraph<About>;

export interface PrepareOptions {
  readonly inputSize: number | null;
  readonly methods: readonly CamMethod[];
  readonly signal?: AbortSignal | undefined;
}

const ONE_LOGIT = 'The network has one logit: its probability was taken as the sigmoid, not the softmax.';
/**
 * Loads the weights and builds the graph only where the cache has none. Given the session that it is for, the graph is
 * kept as the runtime optimises it, where that can be loaded again, and otherwise as it was built.
 * @throws LensError of kind `model` or `output`
 */
export async function prepare(
  weights: Weights,
  options: PrepareOptions,
  cache: FolderCache,
  session: SessionOptions | null = null,
): Promise<Prepared> {
  const { inputSize, methods, signal } = options;
  const make = async () => {
    const network = await weights.load(inputSize, signal);
    throwIfAborted(signal);
    const block = session !== null && keepsOptimised(session.provider) ? await channelBlock() : null;
    const graph = await explainGraph(network, methods, block);
    const sha256 = (await weights.sha256()) ?? hashOfWeights(network.model);
    const finish = (optimised: Model): Model => finishOptimised(optimised, graph, block);
    return { model: graph.model, about: describe(network, graph, sha256), finish };
  };
  return keptGraph(cache, await keyOf(weights, options, session), session, make, signal);
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
  { inputSize, methods }: PrepareOptions,
  session: SessionOptions | null,
): Promise<string> {
  return graphKey([await weights.identity(), inputSize, methods], session);
}

/** @param block channels in a block of the layout in which the graph is kept; null if it is kept as it is built */
async function explainGraph(
  network: Network,
  methods: readonly CamMethod[],
  block: number | null,
): Promise<ExplainGraph> {
  const model = await withWeightsInMemory(network);
  const { input, logits, layers } = network;
  const request = { model, inputShape: input.shape, logits, layers, methods };
  return assembleExplainGraph(request, block === null ? explainPasses : blockedPasses(block));
}

/** Reads weights that lie beside a model, since the explain graph is written elsewhere. */
export async function withWeightsInMemory({ model, folder }: Network): Promise<Model> {
  if (folder === null) return model;
  const initializers = new Map<string, ConstantTensor>();
  for (const [name, tensor] of model.graph.initializers) {
    const { data } = tensor;
    const inMemory = isExternal(data) ? await readExternal(folder, data, `tensor "${name}"`) : data;
    initializers.set(name, { ...tensor, data: inMemory });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

function describe(network: Network, graph: ExplainGraph, sha256: string): About {
  const operators = new Map(
    network.model.graph.nodes.flatMap(({ opType, outputs }) =>
      outputs.map((output) => [output, opType] as const),
    ),
  );
  return {
    architecture: network.id,
    parameters: network.parameterCount,
    classes: network.classes,
    inputShape: network.input.shape,
    sha256,
    notes: network.classes === 1 ? [...network.notes, ONE_LOGIT] : network.notes,
    operators: Object.fromEntries(
      network.layers.map(({ name, tensor }) => [name, operators.get(tensor) ?? 'Input']),
    ),
    explain: { inputs: graph.inputs, outputs: graph.outputs },
  };
}

/** Generated weights have no file: their names and bytes, in the order of the graph. */
function hashOfWeights({ graph }: Model): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of graph.initializers) if (!isExternal(data)) hash.update(name).update(data);
  return hash.digest('hex');
}
