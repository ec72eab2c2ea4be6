/** What is done to an explain graph once the runtime has optimized it, and before it is kept. */
import type { Model } from '../onnx/model';
import type { ExplainGraph } from './assemble';
import { keepBlocked } from './blocked';
import { recomputeActivations } from './recompute';

/**
 * The same results from fewer changes of layout and less memory.
 * @param optimized what the runtime has made of `graph.model`
 * @param block channels in a block of the layout for which the graph was assembled; null if for none
 */
export function finishOptimized(optimized: Model, graph: ExplainGraph, block: number | null): Model {
  const inBlocks = block === null ? optimized : keepBlocked(optimized, graph.shapes, block);
  return recomputeActivations(inBlocks, graph.outputs.logits);
}
