/** A model as the passes of one stage leave it. */
import { explainPasses, rewrite, type GraphPass } from '../../server/src/explain/passes';
import type { Model } from '../../server/src/onnx/model';

export const applyPasses = (
  model: Model,
  passes: readonly GraphPass[] = explainPasses,
  stage: GraphPass['stage'] = 'whole',
): Model => rewrite(model, passes, stage).model;
