/** The passes over an explain graph, in the order in which they apply; each leaves what the graph computes unchanged. */
import type { Model } from '../../onnx/model';
import { batchNormalizationIntoConvolution } from './batch-normalization';
import { biasIntoConvolution } from './bias-into-convolution';
import { gateGradient } from './gate-gradient';
import { gateAfterIntoWeights, gateIntoWeights, scaleIntoWeights } from './scale-into-weights';
import { strideOneAdjoint } from './stride-one-adjoint';
import { stridedDepthwiseAdjoint } from './strided-depthwise-adjoint';
import { swishGradient } from './swish-gradient';

export interface GraphPass {
  readonly name: string;
  apply(model: Model): Model;
}

/** Every pass works on what the ones before it left; the last two finish what the gate passes begin. */
export const explainPasses: readonly GraphPass[] = Object.freeze([
  { name: 'stride-one-adjoint', apply: strideOneAdjoint },
  { name: 'strided-depthwise-adjoint', apply: stridedDepthwiseAdjoint },
  { name: 'batch-normalization', apply: batchNormalizationIntoConvolution },
  { name: 'scale-into-weights', apply: scaleIntoWeights },
  { name: 'swish-gradient', apply: swishGradient },
  { name: 'gate-gradient', apply: gateGradient },
  { name: 'gate-into-weights', apply: gateIntoWeights },
  { name: 'gate-after-into-weights', apply: gateAfterIntoWeights },
  { name: 'bias-into-convolution', apply: biasIntoConvolution },
]);

/** Applies the passes one after the other. */
export function applyPasses(model: Model, passes: readonly GraphPass[] = explainPasses): Model {
  return passes.reduce((current, pass) => pass.apply(current), model);
}
