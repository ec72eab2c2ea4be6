/** Optimizers of the runtime that make another network of some graphs, and which graphs those are. */
import type { Graph } from '../onnx/model';

/**
 * Takes the zeros of a Pad for the padding of the max pooling behind it, which is never the maximum (onnxruntime 1.23 and 1.30): beside negative
 * values, as in ResNet V2 of Keras and BiT of timm, the border is then wrong by as much as they are.
 */
export const PAD_FUSION = 'Pad_Fusion';

/** Names for `optimization.disable_specified_optimizers`. */
export function wrongOptimizers(graph: Graph): readonly string[] {
  return poolsPadded(graph) ? [PAD_FUSION] : [];
}

function poolsPadded({ nodes }: Graph): boolean {
  const padded = new Set(nodes.flatMap(({ opType, outputs }) => (opType === 'Pad' ? outputs : [])));
  return nodes.some(
    ({ opType, inputs, attributes }) =>
      (opType === 'MaxPool' && padded.has(inputs[0] ?? '')) ||
      [...attributes.values()].some(
        (attribute) => attribute.kind === 'graph' && poolsPadded(attribute.value),
      ),
  );
}
