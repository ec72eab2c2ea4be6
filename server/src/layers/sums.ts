/** Sums of two paths of a network: where a residual block ends. */
import type { Node } from '../onnx/model';
import type { Usable } from './usable';
import { sameDims } from '../onnx/dims';

/** An Add of two tensors that both depend on the picture and have the sum's own shape. */
export const isResidualSum = (node: Node, usable: ReadonlyMap<string, Usable>): boolean => {
  const sum = usable.get(node.outputs[0] ?? '');
  return (
    (node.opType === 'Add' || node.opType === 'Sum') &&
    sum !== undefined &&
    node.inputs.every((input) => sameDims(usable.get(input)?.shape, sum.shape))
  );
};
