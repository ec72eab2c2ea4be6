/** Assembles the explain graph: forward pass, target, backward pass, and every layer reduced to small outputs. */
import type { Model } from '../onnx/model';
import type { BeyondRanges } from '../lowering/quantized/ranges';
import { differentiate, type Classifier, type Layer } from './backward';
import { reduceEach, type ReduceLayers } from './each-layer';
import type { LayerOutputs } from './layer';
import type { CamMethod } from './methods';
import { explainPasses, rewrite, type GraphPass, type PassReport } from './passes';
import type { Shapes } from './passes/editor';
import { addTarget, type AddTarget } from './target';
import { mergeConstants } from './passes/merge-constants';
import { pruneTo } from '../onnx/prune';

export type { Layer } from './backward';

export interface ExplainRequest extends Classifier {
  readonly layers: readonly Layer[];
  readonly methods: readonly CamMethod[];
}

/** The names of a run's results; keyed by layer name, never by position. */
export interface ExplainOutputs {
  /** (N, classes). */
  readonly logits: string;
  /** (N): the class that was differentiated for each sample. */
  readonly target: string;
  /** (N, any): the model's own probabilities; null where it computes none. */
  readonly probabilities: string | null;
  /** (K): see `Classifier`; null where nothing was quantized. */
  readonly beyond: BeyondRanges | null;
  readonly layers: readonly LayerOutputs[];
}

export interface ExplainGraph {
  readonly model: Model;
  /** Shapes of the tensors of `model`, where known. */
  readonly shapes: Shapes;
  readonly inputs: {
    readonly image: string;
    /** int64 (N): a class per sample, or -1 for the one with the largest logit. */
    readonly target: string;
  };
  readonly outputs: ExplainOutputs;
  /** What each pass did, in the order in which they ran. */
  readonly passes: readonly PassReport[];
}

/** What is written differently for other kernels, with the same results. */
export interface Dialect {
  /** What is read of the layers. */
  readonly reduce: ReduceLayers;
  readonly target: AddTarget;
}

const FOR_CPU: Dialect = { reduce: reduceEach, target: addTarget };

/**
 * The explain graph of a model. `passes` rewrite it for speed without changing a result.
 * @throws LensError of kind `model`, as `differentiate`.
 */
export function assembleExplainGraph(
  request: ExplainRequest,
  passes: readonly GraphPass[] = explainPasses,
  dialect: Dialect = FOR_CPU,
): ExplainGraph {
  const { model, methods, logits } = request;
  const backward = differentiate(request, request.layers, passes, dialect.target);
  const { emit, image, target, batch, classes } = backward;
  const { builder } = emit;
  const { layers, tensors } = dialect.reduce(emit, backward.layers, batch, methods);
  for (const tensor of tensors) builder.output(tensor, 'float32', null);
  builder.output(logits, 'float32', [batch, classes]);
  builder.output(target.chosen, target.type, null);
  const probabilities = request.probabilities?.tensor ?? null;
  if (probabilities !== null) builder.output(probabilities, 'float32', null);
  const beyond = request.beyond ?? null;
  if (beyond !== null) builder.output(beyond.tensor, 'float32', null);
  const graph = pruneTo(builder.graph());
  const rewritten = rewrite({ ...model, producer: 'inference-lens', graph }, passes);
  return {
    model: { ...rewritten.model, graph: mergeConstants(rewritten.model.graph) },
    shapes: rewritten.shapes,
    inputs: { image, target: target.input },
    outputs: { logits, target: target.chosen, probabilities, beyond, layers },
    passes: [...backward.passes, ...rewritten.reports],
  };
}
