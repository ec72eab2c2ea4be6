/** Assembles the explain graph: forward pass, target, backward pass, and every layer reduced to small outputs. */
import { appendGradients } from '../autodiff/driver';
import { Emitter } from '../autodiff/emitter';
import { factsOfModel } from '../autodiff/facts';
import type { GraphFacts, TensorFacts } from '../autodiff/rule';
import { LensError } from '../errors';
import { GraphBuilder } from '../onnx/builder';
import type { Model, ValueInfo } from '../onnx/model';
import { formOf, reduceLayer, type LayerForm, type LayerOutputs } from './layer';
import type { CamMethod } from './methods';
import { addTarget } from './target';

/** A reported layer: the name that users see, and the tensor of the graph that holds its output. */
export interface Layer {
  readonly name: string;
  readonly tensor: string;
}

export interface ExplainRequest {
  readonly model: Model;
  /** Shape of the model's one input, batch first: binds what the model leaves open. */
  readonly inputShape: readonly number[];
  /** Tensor of shape (N, classes). */
  readonly logits: string;
  readonly layers: readonly Layer[];
  readonly methods: readonly CamMethod[];
}

interface CheckedLayer extends Layer {
  readonly shape: readonly number[];
  readonly form: LayerForm;
}

/** Where to find what in a run's results; keyed by layer name, never by position. */
export interface ExplainOutputs {
  /** (N, classes). */
  readonly logits: string;
  /** int64 (N): the class that was differentiated for each sample. */
  readonly target: string;
  readonly layers: readonly LayerOutputs[];
}

export interface ExplainGraph {
  readonly model: Model;
  readonly inputs: { readonly image: string; readonly target: string };
  readonly outputs: ExplainOutputs;
}

/** The model's one input. */
function imageInput(model: Model): ValueInfo {
  const [input, ...others] = model.graph.inputs;
  if (input !== undefined && others.length === 0) return input;
  const found = model.graph.inputs.map(({ name }) => name).join(', ') || 'none';
  throw new LensError('model', `Expected a model with one input, the image; found ${found}.`, {
    fix: 'Export the model so that it takes the image only.',
  });
}

/** Copies the forward graph, its input bound to a shape, into a builder that can be added to. */
function importForward(model: Model, inputShape: readonly number[]): GraphBuilder {
  const { name, type } = imageInput(model);
  const builder = new GraphBuilder(model.graph.name);
  builder.input(name, type, inputShape);
  for (const [initializer, tensor] of model.graph.initializers) builder.initializer(initializer, tensor);
  for (const node of model.graph.nodes) builder.append(node);
  return builder;
}

/**
 * The explain graph of a model. Differentiates only from the logits back to the first reported layer.
 * @throws LensError of kind `model` for a model without a single image input, for logits that are not (N, classes), for layers
 * that are no (N, C, H, W) or (N, C) tensors or do not influence the logits, and for operators without a gradient.
 */
export function assembleExplainGraph(request: ExplainRequest): ExplainGraph {
  const { model, inputShape, layers, methods } = request;
  const facts = factsOfModel(model, { [imageInput(model).name]: inputShape });
  const { batch, classes } = checkLogits(request, facts);
  const checked = layers.map((layer) => checkLayer(layer, facts));
  const builder = importForward(model, inputShape);
  const emit = new Emitter(builder, facts.opset, 'lens/');
  const target = addTarget(emit, request.logits, batch, classes);
  const gradients = appendGradients({
    builder,
    nodes: model.graph.nodes,
    facts,
    seeds: new Map([[request.logits, target.seed]]),
    wrt: layers.map(({ tensor }) => tensor),
  });
  const outputs = checked.map(({ name, tensor, shape, form }): LayerOutputs => {
    const gradient = gradients.get(tensor);
    if (gradient === undefined) throw unconnected({ name, tensor }, request.logits);
    const reduced = reduceLayer(emit.scoped(`lens/${name}/`), { tensor, gradient, batch, form }, methods);
    for (const output of [reduced.maps, reduced.stats, reduced.weights])
      builder.output(output, 'float32', null);
    return { name, shape, form, methods, ...reduced };
  });
  builder.output(request.logits, 'float32', [batch, classes]);
  builder.output(target.chosen, 'int64', [batch]);
  return {
    model: { ...model, producer: 'inference-lens', graph: builder.graph() },
    inputs: { image: imageInput(model).name, target: target.input },
    outputs: { logits: request.logits, target: target.chosen, layers: outputs },
  };
}

function checkLogits(
  { logits, inputShape }: ExplainRequest,
  facts: GraphFacts,
): { batch: number; classes: number } {
  const found = facts.factsOf(logits);
  const [batch, classes] = found?.dims ?? [];
  if (found?.dims.length === 2 && batch !== undefined && classes !== undefined && found.type === 'float32')
    if (batch === inputShape[0]) return { batch, classes };
  throw new LensError(
    'model',
    `Expected the output "${logits}" to be float32 of shape [${inputShape[0] ?? '?'}, classes]; ` +
      `found ${describeFacts(found)}.`,
    { fix: 'Name the tensor that holds the logits of a classifier.' },
  );
}

const describeFacts = (facts: TensorFacts | undefined): string =>
  facts === undefined
    ? 'no such tensor, or one of unknown shape'
    : `${facts.type} [${facts.dims.join(', ')}]`;

function checkLayer({ name, tensor }: Layer, facts: GraphFacts): CheckedLayer {
  const found = facts.factsOf(tensor);
  const form = found?.type === 'float32' ? formOf(found.dims) : null;
  if (found !== undefined && form !== null) return { name, tensor, shape: found.dims, form };
  throw new LensError(
    'model',
    `Layer "${name}": expected float32 of shape [N, C, H, W] or [N, C]; found ${describeFacts(found)}.`,
    { fix: 'Leave this layer out of the reported layers.' },
  );
}

function unconnected(layer: Layer, logits: string): LensError {
  return new LensError(
    'model',
    `Layer "${layer.name}" (tensor "${layer.tensor}") does not influence "${logits}", so it has no gradient.`,
    { fix: 'Report only layers between the image and the logits.' },
  );
}
