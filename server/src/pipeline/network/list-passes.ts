/** What the passes do to a network's explain graph, as an analysis on this CPU prepares it, and why they leave the rest. */
import { PLAIN_AND_BLOCKED } from '../../explain/blocked';
import type { GraphPass, PassReport } from '../../explain/passes';
import { assembleNetwork } from './assemble-network';
import type { Weights } from './weights';

export interface ListedPass extends PassReport, Pick<GraphPass, 'stage' | 'layout' | 'operators'> {
  /** False where it is for another layout than the network's. */
  readonly ran: boolean;
}

export interface ListedPasses {
  readonly layers: number;
  /** Nodes of the explain graph after the passes. */
  readonly nodes: number;
  /** Channels in a block of the layout that the graph is built for; null for plain planes. */
  readonly block: number | null;
  readonly passes: readonly ListedPass[];
}

/**
 * With the layers that are shown by default, Grad-CAM, and the network's own input size.
 * @throws LensError of kind `model` where the file is not a classifier that can be explained
 */
export async function listPasses(weights: Weights, signal?: AbortSignal): Promise<ListedPasses> {
  const options = { inputSize: null, methods: ['gradcam'] as const, signal };
  const { graph, block } = await assembleNetwork(weights, options, { provider: 'cpu' });
  const reports = new Map(graph.passes.map((report) => [report.name, report]));
  return {
    layers: graph.outputs.layers.length,
    nodes: graph.model.graph.nodes.length,
    block,
    passes: PLAIN_AND_BLOCKED.map(({ name, stage, layout, operators }) => {
      const report = reports.get(name) ?? { name, seen: 0, fired: 0, left: [] };
      return { ...report, stage, layout, operators, ran: reports.has(name) };
    }),
  };
}
