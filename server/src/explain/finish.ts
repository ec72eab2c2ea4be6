/** What is done to an explain graph once the runtime has optimised it, and before it is kept. */
import type { Model } from '../onnx/model';
import type { ExplainGraph } from './assemble';
import { keepBlocked } from './blocked';
import { recomputeActivations } from './recompute';

/**
 * The same results from fewer changes of layout and less memory.
 * @param optimised what the runtime has made of `graph.model`
 * @param block channels in a block of the layout for which the graph was assembled; null if for none
 */
export function finishOptimised(optimised: Model, graph: ExplainGraph, block: number | null): Model {
  const inBlocks = block === null ? optimised : keepBlocked(optimised, graph.shapes, block);
  return recomputeActivations(inBlocks, graph.outputs.logits);
}
