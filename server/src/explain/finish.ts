/** Rewrites an explain graph after the runtime has optimized it, before it is cached. */
import type { Model } from '../onnx/model';
import type { ExplainGraph } from './assemble';
import { keepBlocked } from './blocked';
import { recomputeActivations } from './recompute';

/**
 * The same results from fewer changes of layout and less memory.
 * @param optimized the runtime's optimized form of `graph.model`
 * @param block channels in a block of the layout for which the graph was assembled; null for the plain layout
 */
export function finishOptimized(optimized: Model, graph: ExplainGraph, block: number | null): Model {
  const inBlocks = block === null ? optimized : keepBlocked(optimized, graph.shapes, block);
  return recomputeActivations(inBlocks, graph.outputs.logits);
}
