/** One layer in full: its activation and gradient, for inspecting channels and for exporting. */
import type { Model } from '../onnx/model';
import { pruneTo } from '../onnx/prune';
import type { Classifier, Layer } from './backward';
import { differentiate } from './backward';
import { planesOf } from './layer';

export interface LayerGraph {
  readonly model: Model;
  /** float32 (N, C, H, W), and int64 (N): a class per sample. */
  readonly inputs: { readonly image: string; readonly target: string };
  /** In the order of the model's outputs. */
  readonly outputs: {
    /** (N, C, P): P positions, those of a map row by row. */
    readonly activation: string;
    /** (N, C, P): of the target's logit; null where an operator between the layer and the logits passes no gradient. */
    readonly gradient: string | null;
    /** (N, classes). */
    readonly logits: string;
  };
}

/** Without the passes for speed: an exported graph is meant to be read. @throws LensError as `differentiate` */
export function buildLayerGraph(classifier: Classifier, layer: Layer): LayerGraph {
  const { image, target, batch, emit, classes, layers } = differentiate(classifier, [layer], []);
  const [found] = layers;
  if (found === undefined) throw new Error('A layer was requested and none came back.');
  const { builder } = emit;
  const planes = (tensor: string): string => {
    const output = planesOf(emit, tensor, batch, found.form);
    builder.output(output, 'float32', null);
    return output;
  };
  const activation = planes(found.tensor);
  const gradient = found.gradient === null ? null : planes(found.gradient);
  builder.output(classifier.logits, 'float32', [batch, classes]);
  // The target is an input even where no gradient reads it.
  const graph = pruneTo(builder.graph());
  return {
    model: { ...classifier.model, producer: 'inference-lens', graph },
    inputs: { image, target: target.input },
    outputs: { activation, gradient, logits: classifier.logits },
  };
}
