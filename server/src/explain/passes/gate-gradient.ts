/** Pass: the gradient of a squeeze-and-excitation gate as a product of two small-sided matrices. */
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { any, as, match, op } from './pattern';
import { isPointwiseConv } from './scale-into-weights';
import { sameDims } from '../../onnx/dims';

const SUM = op('ReduceSum', as('product', op('Mul', as('d', op('Conv', any('z'), any('v'))), any('a'))));

/**
 * The gate multiplies channels c of A, so its gradient is d_c = sum_p D_cp A_cp. Where D = V z comes from a 1x1 convolution,
 * d_c = sum_k V_ck sum_p A_cp z_kp = sum_k V_ck (A z^T)_ck: the product A z^T reads A once and z, which has few channels;
 * D itself, as large as A, is neither multiplied nor summed.
 */
export const gateGradient: GraphPass = {
  name: 'gate-gradient',
  stage: 'whole',
  layout: 'plain',
  operators: ['ReduceSum'],
  rewrite(sum, editor) {
    const found = match(editor, sum.outputs[0], SUM);
    const conv = editor.producer(found?.d, 'Conv');
    if (found === undefined || conv === undefined) return 'sums no product with a convolution';
    const shape = editor.shape(found.product);
    const [batch, channels = 1, height = 1, width = 1] = shape ?? [];
    if (shape?.length !== 4 || batch !== 1) return 'not one image';
    const perChannel = [1, channels, 1, 1];
    const summed = sameDims(editor.shape(sum.outputs[0]), perChannel) && height * width > 1;
    if (!summed) return 'does not sum over positions alone';
    if (!isPointwiseConv(editor, conv) || conv.inputs.length !== 2)
      return 'the convolution is not 1x1, not constant, or has no narrow side';
    if (!sameDims(editor.shape(found.a), shape)) return 'the factors differ in shape';
    const few = editor.shape(found.z)?.[1] ?? 1;
    return replaced(sum, (emit) => {
      const rows = emit.reshape(found.a, [channels, height * width]);
      const columns = emit.reshape(found.z, [few, height * width]);
      const product = emit.op('Gemm', [rows, columns], { transB: 1 });
      const weighted = emit.mul(product, emit.reshape(found.v, [channels, few]));
      return emit.reshape(emit.reduce('ReduceSum', weighted, [1]), [1, channels, 1, 1]);
    });
  },
};
