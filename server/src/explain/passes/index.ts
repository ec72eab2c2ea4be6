/** The passes over an explain graph, in the order in which they apply; each leaves what the graph computes unchanged. */
import type { Model } from '../../onnx/model';
import { inferShapes } from '../../onnx/shapes';
import { batchNormalizationIntoConvolution } from './batch-normalization';
import { biasIntoConvolution } from './bias-into-convolution';
import { GraphEditor } from './editor';
import { gateGradient } from './gate-gradient';
import { gateAfterIntoWeights, gateIntoWeights, scaleIntoWeights } from './scale-into-weights';
import { strideOneAdjoint } from './stride-one-adjoint';
import { stridedDepthwiseAdjoint } from './strided-depthwise-adjoint';
import { swishGradient } from './swish-gradient';

export interface GraphPass {
  readonly name: string;
  /** Asks the editor about the graph and tells it what to replace. */
  apply(editor: GraphEditor): void;
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

/** Applies the passes one after the other to a model whose input shapes are numbers. */
export function applyPasses(model: Model, passes: readonly GraphPass[] = explainPasses): Model {
  if (passes.length === 0) return model;
  let current: ReturnType<GraphEditor['finish']> = {
    model,
    shapes: inferShapes(model, {}, { unknown: 'leave out' }),
  };
  for (const pass of passes) {
    const editor = new GraphEditor(current.model, current.shapes, pass.name);
    pass.apply(editor);
    current = editor.finish();
  }
  return current.model;
}
