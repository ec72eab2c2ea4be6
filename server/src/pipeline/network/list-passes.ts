/** What the passes do to a network's explain graph, as an analysis on a device prepares it, and why they leave the rest. */
import { PLAIN_AND_BLOCKED } from '../../explain/blocked';
import { passesFor } from '../../explain/gpu';
import type { GraphPass, PassReport } from '../../explain/passes';
import { constantTensors } from '../../explain/passes/editor';
import type { Graph } from '../../onnx/model';
import type { Provider } from '../../runtime/session';
import { assembleNetwork } from './assemble-network';
import type { Weights } from './weights';

export interface ListedPass extends PassReport, Pick<GraphPass, 'stage' | 'layout' | 'operators'> {
  /** False where it is for another layout than the network's. */
  readonly ran: boolean;
}

export interface ListedPasses {
  readonly device: Provider;
  readonly layers: number;
  /** Nodes of the explain graph after the passes. */
  readonly nodes: number;
  /** Those that depend on the picture: the others are computed once, when the network is loaded. */
  readonly run: RunNodes;
  /** The same of the forward pass alone, as it was before the passes. */
  readonly forward: RunNodes;
  /** Channels in a block of the layout that the graph is built for; null for plain planes. */
  readonly block: number | null;
  readonly passes: readonly ListedPass[];
}

/** Before the runtime joins some of them: Sigmoid and Mul to QuickGelu, for one. */
interface RunNodes {
  readonly nodes: number;
  /** By operator, most first. */
  readonly operators: readonly { readonly operator: string; readonly nodes: number }[];
}

/**
 * With the layers that are shown by default, Grad-CAM, and the network's own input size. The device need not be there.
 * @throws LensError of kind `model` where the file is not a classifier that can be explained
 */
export async function listPasses(
  weights: Weights,
  device: Provider,
  signal?: AbortSignal,
): Promise<ListedPasses> {
  const options = { inputSize: null, methods: ['gradcam'] as const, signal };
  const { network, graph, block } = await assembleNetwork(weights, options, { provider: device });
  const reports = new Map(graph.passes.map((report) => [report.name, report]));
  const passes = device === 'cpu' ? PLAIN_AND_BLOCKED : passesFor(device);
  return {
    device,
    layers: graph.outputs.layers.length,
    nodes: graph.model.graph.nodes.length,
    run: runNodes(graph.model.graph),
    forward: runNodes(network.model.graph),
    block,
    passes: passes.map(({ name, stage, layout, operators }) => {
      const report = reports.get(name) ?? { name, seen: 0, fired: 0, left: [] };
      return { ...report, stage, layout, operators, ran: reports.has(name) };
    }),
  };
}

function runNodes(graph: Graph): RunNodes {
  const constants = constantTensors(graph);
  const counts = new Map<string, number>();
  const run = graph.nodes.filter(({ outputs }) => !outputs.every((name) => constants.has(name)));
  for (const { opType } of run) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  const operators = [...counts].map(([operator, nodes]) => ({ operator, nodes }));
  return { nodes: run.length, operators: operators.sort((a, b) => b.nodes - a.nodes) };
}
