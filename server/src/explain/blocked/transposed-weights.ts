/** Pass: products with transposed weights read the weights as they are, so that no second copy is made, written and mapped. */
import type { Node } from '../../onnx/model';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass, Verdict } from '../passes/pass';
import { replaced } from '../passes/pass';

/**
 * dX = dY W^T. The runtime computes W^T once, since it is constant, and stores it beside W: twice the bytes of every linear layer. An operator of
 * its own takes W transposed (contrib_ops/cpu, FusedMatMul, onnxruntime 1.30; float32 only) and packs it as it packs W^T: the sums are the
 * same, bit for bit, except for a single row, where the order of addition differs.
 */
export const transposedWeights: GraphPass = {
  name: 'transposed-weights',
  stage: 'whole',
  layout: 'blocked',
  operators: ['MatMul'],
  rewrite: productWithTransposed,
};

function productWithTransposed(product: Node, editor: GraphEditor): Verdict {
  const [x = '', right] = product.inputs;
  const transpose = editor.producer(right, 'Transpose');
  const [weights = ''] = transpose?.inputs ?? [];
  if (transpose === undefined) return 'the right side is not transposed';
  if (!editor.isConstant(weights)) return 'the right side differs from image to image';
  // Two axes have only one transposition, spelled out or not.
  if (editor.shape(weights)?.length !== 2) return 'the right side is not one matrix';
  if (editor.type(weights) !== 'float32') return 'not float32';
  const attributes = { transA: 0, transB: 1 };
  return replaced(product, (emit) =>
    emit.op('FusedMatMul', [x, weights], attributes, 'FusedMatMul', 'com.microsoft'),
  );
}
