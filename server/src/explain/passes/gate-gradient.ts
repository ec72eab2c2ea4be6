/** Pass: the gradient of a squeeze-and-excitation gate as a product of two small-sided matrices. */
import type { GraphEditor } from './editor';
import { isPointwiseConv } from './scale-into-weights';
import { sameDims } from '../../onnx/dims';

/**
 * The gate multiplies channels c of A, so its gradient is d_c = sum_p D_cp A_cp. Where D = V z comes from a 1x1 convolution,
 * d_c = sum_k V_ck sum_p A_cp z_kp = sum_k V_ck (A z^T)_ck: the product A z^T reads A once and z, which has few channels;
 * D itself, as large as A, is neither multiplied nor summed.
 */
export function gateGradient(editor: GraphEditor): void {
  for (const sum of editor.nodes('ReduceSum')) {
    const [factors = ''] = sum.inputs;
    const mul = editor.producer(factors, 'Mul');
    const shape = editor.shape(factors);
    const [batch, channels = 1, height = 1, width = 1] = shape ?? [];
    const perChannel = [1, channels, 1, 1];
    if (mul === undefined || shape?.length !== 4 || batch !== 1) continue;
    if (!sameDims(editor.shape(sum.outputs[0]), perChannel) || height * width === 1) continue;
    const conv = mul.inputs.map((name) => editor.producer(name, 'Conv')).find((node) => node !== undefined);
    const activation = mul.inputs.find((name) => name !== conv?.outputs[0]);
    if (conv === undefined || activation === undefined || !isPointwiseConv(editor, conv)) continue;
    if (!sameDims(editor.shape(activation), shape) || conv.inputs.length !== 2) continue;
    const [z = '', weights = ''] = conv.inputs;
    const few = editor.shape(z)?.[1] ?? 1;
    editor.replace(sum, (emit) => {
      const rows = emit.reshape(activation, [channels, height * width]);
      const columns = emit.reshape(z, [few, height * width]);
      const product = emit.op('Gemm', [rows, columns], { transB: 1 });
      const weighted = emit.mul(product, emit.reshape(weights, [channels, few]));
      return emit.reshape(emit.reduce('ReduceSum', weighted, [1]), [1, channels, 1, 1]);
    });
  }
}
