/** What a forward pass takes, from the shapes of its tensors. Apart from the limit, which analyses of prepared networks need without any shapes. */
import type { MemoryEstimate } from '../../explain/memory';
import { estimateMemory } from '../../explain/memory';
import type { Model } from '../../onnx/model';
import { inferShapes } from '../../onnx/shapes';

/** Memory of only the forward pass; the explain graph takes more. */
export function forwardMemory(
  model: Model,
  input: { readonly name: string; readonly shape: readonly number[] },
): MemoryEstimate {
  return estimateMemory(
    model.graph,
    inferShapes(model, { [input.name]: input.shape }, { unknown: 'leave out' }),
  );
}
