/** The passes over an explain graph, in the order in which they apply; each leaves what the graph computes unchanged. */
import type { Model } from '../../onnx/model';
import { inferShapes } from '../../onnx/shapes';
import { batchNormalizationIntoConvolution } from './batch-normalization';
import { biasIntoConvolution } from './bias-into-convolution';
import { clipGradient } from './clip-gradient';
import { GraphEditor, type Shapes } from './editor';
import { gateGradient } from './gate-gradient';
import { layerStatistics } from './layer-statistics';
import type { GraphPass, PassReport } from './pass';
import { runPass } from './pass';
import { pooledMean } from './pooled-mean';
import { gateAfterIntoWeights, gateIntoWeights, scaleIntoWeights } from './scale-into-weights';
import { strideOneAdjoint } from './stride-one-adjoint';
import { stridedDepthwiseAdjoint } from './strided-depthwise-adjoint';
import { stridedPhases } from './strided-phases';
import { swishGradient } from './swish-gradient';

export type { GraphPass, PassReport } from './pass';

/** Every pass works on the result of those before it; the last two complete what the gate passes begin. */
export const explainPasses: readonly GraphPass[] = Object.freeze([
  stridedPhases,
  layerStatistics,
  strideOneAdjoint,
  stridedDepthwiseAdjoint,
  batchNormalizationIntoConvolution,
  scaleIntoWeights,
  swishGradient,
  clipGradient,
  pooledMean,
  gateGradient,
  gateIntoWeights,
  gateAfterIntoWeights,
  biasIntoConvolution,
]);

export interface Rewritten {
  readonly model: Model;
  /** Of the model's tensors, as far as they are known. */
  readonly shapes: Shapes;
  /** What each pass did, in the order of the passes. */
  readonly reports: readonly PassReport[];
}

/** Applies the passes of one stage, one after the other, to a model whose input shapes are numbers. */
export function rewrite(
  model: Model,
  passes: readonly GraphPass[],
  stage: GraphPass['stage'] = 'whole',
): Rewritten {
  const reports: PassReport[] = [];
  let current = { model, shapes: inferShapes(model, {}, { unknown: 'leave out' }) };
  for (const pass of passes.filter((each) => each.stage === stage)) {
    const editor = new GraphEditor(current.model, current.shapes, pass.name);
    reports.push(runPass(pass, editor));
    current = editor.finish();
  }
  return { ...current, reports };
}
