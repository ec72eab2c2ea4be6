/** Assembles the explain graph: forward pass, target, backward pass, and every layer reduced to small outputs. */
import type { Model } from '../onnx/model';
import type { BeyondRanges } from '../lowering/quantized/ranges';
import { differentiate, type Classifier, type Layer } from './backward';
import { channelSums, reduceLayer, type LayerOutputs, type RowSums } from './layer';
import type { CamMethod } from './methods';
import { explainPasses, rewrite, type GraphPass, type PassReport } from './passes';
import type { Shapes } from './passes/editor';
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
  /** int64 (N): the class that was differentiated for each sample. */
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

/**
 * The explain graph of a model. `passes` rewrite it for speed without changing a result.
 * @throws LensError of kind `model`, as `differentiate`.
 */
export function assembleExplainGraph(
  request: ExplainRequest,
  passes: readonly GraphPass[] = explainPasses,
  sums: RowSums = channelSums,
): ExplainGraph {
  const { model, methods, logits } = request;
  const backward = differentiate(request, request.layers, passes);
  const { emit, image, target, batch, classes, layers } = backward;
  const { builder } = emit;
  const outputs = layers.map(({ name, tensor, gradient, shape, form, unexplained }): LayerOutputs => {
    const used = gradient === null ? [] : methods;
    const full = { tensor, gradient: gradient ?? tensor, batch, form };
    const reduced = reduceLayer(emit.scoped(`lens/${name}/`), full, used, sums);
    const weights = gradient === null ? null : reduced.weights;
    for (const output of [reduced.maps, reduced.stats, ...(weights === null ? [] : [weights])])
      builder.output(output, 'float32', null);
    return { name, shape, form, methods: used, ...reduced, weights, unexplained };
  });
  builder.output(logits, 'float32', [batch, classes]);
  builder.output(target.chosen, 'int64', [batch]);
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
    outputs: { logits, target: target.chosen, probabilities, beyond, layers: outputs },
    passes: [...backward.passes, ...rewritten.reports],
  };
}
