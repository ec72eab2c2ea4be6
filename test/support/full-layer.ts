/** One layer in full: its activation and its gradient leave the session as they are, for what is reduced inside the graph to be compared with. */
import { LensError } from '../../server/src/errors';
import type { Model } from '../../server/src/onnx/model';
import { differentiate, type Classifier, type Layer } from '../../server/src/explain/backward';
import { explainPasses, type GraphPass } from '../../server/src/explain/passes';
import { pruneTo } from '../../server/src/onnx/prune';
import { applyPasses } from './apply-passes';

export interface FullLayerGraph {
  readonly model: Model;
  readonly inputs: { readonly image: string; readonly target: string };
  readonly outputs: {
    readonly activation: string;
    /** dL/d activation. */
    readonly gradient: string;
    /** int64 (N): the class that was differentiated for each sample. */
    readonly target: string;
  };
  /** Of activation and gradient. */
  readonly shape: readonly number[];
}

/** @throws LensError of kind `model`, as `differentiate`. */
export function buildLayerGraph(
  classifier: Classifier,
  layer: Layer,
  passes: readonly GraphPass[] = explainPasses,
): FullLayerGraph {
  const { emit, image, target, batch, layers } = differentiate(classifier, [layer], passes);
  const [only] = layers;
  if (only?.gradient == null)
    throw new LensError('model', only?.unexplained ?? `Layer "${layer.name}" has no gradient.`);
  const { gradient, shape } = only;
  // A graph cannot output its input, so the image is copied.
  const copied = (tensor: string): string => emit.op('Identity', [tensor]);
  const activation = layer.tensor === image ? copied(image) : layer.tensor;
  const { builder } = emit;
  builder.output(activation, 'float32', shape);
  builder.output(gradient, 'float32', shape);
  builder.output(target.chosen, 'int64', [batch]);
  const model = { ...classifier.model, producer: 'inference-lens', graph: pruneTo(builder.graph()) };
  return {
    model: applyPasses(model, passes),
    inputs: { image, target: target.input },
    outputs: { activation, gradient, target: target.chosen },
    shape,
  };
}
