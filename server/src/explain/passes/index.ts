/** The passes over an explain graph, in the order in which they apply; each leaves what the graph computes unchanged. */
import type { Model } from '../../onnx/model';
import { inferShapes } from '../../onnx/shapes';
import { batchNormalizationIntoConvolution } from './batch-normalization';
import { biasIntoConvolution } from './bias-into-convolution';
import { GraphEditor, type Shapes } from './editor';
import { gateGradient } from './gate-gradient';
import { gateAfterIntoWeights, gateIntoWeights, scaleIntoWeights } from './scale-into-weights';
import { strideOneAdjoint } from './stride-one-adjoint';
import { stridedDepthwiseAdjoint } from './strided-depthwise-adjoint';
import { stridedPhases } from './strided-phases';
import { swishGradient } from './swish-gradient';

export interface GraphPass {
  readonly name: string;
  /** What it rewrites: the forward graph before it is differentiated, or all of the graph afterwards. */
  readonly stage: 'forward' | 'whole';
  /** Asks the editor about the graph and tells it what to replace. */
  apply(editor: GraphEditor): void;
}

/** Every pass works on what the ones before it left; the last two finish what the gate passes begin. */
export const explainPasses: readonly GraphPass[] = Object.freeze([
  { name: 'strided-phases', stage: 'forward', apply: stridedPhases },
  { name: 'stride-one-adjoint', stage: 'whole', apply: strideOneAdjoint },
  { name: 'strided-depthwise-adjoint', stage: 'whole', apply: stridedDepthwiseAdjoint },
  { name: 'batch-normalization', stage: 'whole', apply: batchNormalizationIntoConvolution },
  { name: 'scale-into-weights', stage: 'whole', apply: scaleIntoWeights },
  { name: 'swish-gradient', stage: 'whole', apply: swishGradient },
  { name: 'gate-gradient', stage: 'whole', apply: gateGradient },
  { name: 'gate-into-weights', stage: 'whole', apply: gateIntoWeights },
  { name: 'gate-after-into-weights', stage: 'whole', apply: gateAfterIntoWeights },
  { name: 'bias-into-convolution', stage: 'whole', apply: biasIntoConvolution },
]);

/** Applies the passes of one stage, one after the other, to a model whose input shapes are numbers. */
export function applyPasses(
  model: Model,
  passes: readonly GraphPass[] = explainPasses,
  stage: GraphPass['stage'] = 'whole',
): Model {
  return passes.some((pass) => pass.stage === stage) ? rewrite(model, passes, stage).model : model;
}

/** The same, with the shapes of the rewritten model's tensors as far as they are known. */
export function rewrite(
  model: Model,
  passes: readonly GraphPass[],
  stage: GraphPass['stage'] = 'whole',
): { readonly model: Model; readonly shapes: Shapes } {
  let current = { model, shapes: inferShapes(model, {}, { unknown: 'leave out' }) };
  for (const pass of passes.filter((each) => each.stage === stage)) {
    const editor = new GraphEditor(current.model, current.shapes, pass.name);
    pass.apply(editor);
    current = editor.finish();
  }
  return current;
}
