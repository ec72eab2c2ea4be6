/** Pass: the gradient of y = x sigmoid(x) from what the forward pass computes, in four operators instead of six. */
import type { GraphPass } from '../passes';
import { slopeOfParts, withSlope } from '../passes/swish-gradient';

/** The CPU's pass for images writes sums as depthwise convolutions: CUDA would search an algorithm for each of them. */
export const swishGradientOfParts: GraphPass = {
  name: 'swish-gradient-of-parts',
  stage: 'whole',
  layout: 'any',
  operators: ['Add'],
  rewrite: (add, editor) => withSlope(add, editor, slopeOfParts),
};
