/** Pass: a Gelu whose gradient is computed as well is the product of x and the distribution that both need. */
import type { GraphPass } from '../passes/pass';
import { replaced } from '../passes/pass';
import { attribute } from '../../onnx/attributes';

/**
 * y = x Phi(x), and Phi(x) is two thirds of the work of either. Written with the same nodes as in the gradient (`autodiff/rules/elementwise.ts`), the
 * runtime merges them, and Phi(x) stays in memory. Only for the CPU: nothing else has been measured.
 */
export const geluParts: GraphPass = {
  name: 'gelu-parts',
  stage: 'whole',
  layout: 'blocked',
  operators: ['Gelu'],
  rewrite(gelu, editor) {
    const [x = ''] = gelu.inputs;
    if (attribute(gelu, 'approximate', 'string') === 'tanh') return 'the approximation by tanh';
    const scaled = editor.consumers(x).filter(({ opType }) => opType === 'Mul');
    const erf = scaled
      .flatMap(({ outputs: [t = ''] }) => editor.consumers(t))
      .find(({ opType }) => opType === 'Erf');
    const [t = ''] = erf?.inputs ?? [];
    const scale = editor.producer(t, 'Mul')?.inputs.find((name) => name !== x);
    const cdf = editor.consumers(erf?.outputs[0] ?? '').find(({ opType }) => opType === 'HardSigmoid');
    if (scale === undefined || cdf === undefined) return 'its gradient is not computed';
    return replaced(gelu, (emit) => {
      const again = emit.op('Erf', [emit.mul(scale, x)]);
      return emit.mul(x, emit.op('HardSigmoid', [again], Object.fromEntries(cdf.attributes)));
    });
  },
};
