/** Only the forward pass, bound to an input shape: a graph of its own, and the start of every other graph. */
import { LensError } from '../errors';
import { Emitter } from '../autodiff/emitter';
import { GraphBuilder, OPSET } from '../onnx/builder';
import type { LayerForm } from '../layers/form';
import { planesOf } from './layer';
import type { Model, ValueInfo } from '../onnx/model';
import { pruneTo } from '../onnx/prune';

/** The model's only input. @throws LensError of kind `model` if it has none or several. */
export function imageInput(model: Model): ValueInfo {
  const [input, ...others] = model.graph.inputs;
  if (input !== undefined && others.length === 0) return input;
  const found = model.graph.inputs.map(({ name }) => name).join(', ') || 'none';
  throw new LensError('model', `Expected a model with one input, the image; found ${found}.`, {
    fix: 'Export the model so that it takes the image only.',
  });
}

/** Copies the forward graph, its input bound to a shape, into a builder that can be added to. */
export function importForward(model: Model, inputShape: readonly number[]): GraphBuilder {
  const { name, type } = imageInput(model);
  const builder = new GraphBuilder(model.graph.name);
  builder.input(name, type, inputShape);
  for (const [initializer, tensor] of model.graph.initializers) builder.initializer(initializer, tensor);
  for (const node of model.graph.nodes) builder.append(node);
  return builder;
}

/** A layer's activation as planes, whatever its axes. */
export interface PlanesWanted {
  readonly tensor: string;
  readonly form?: LayerForm;
}

/** As `buildForwardGraph`, with an output (N, C, P) for each layer, named by `outputs` in their order. */
export function buildPlanesGraph(
  model: Model,
  inputShape: readonly number[],
  layers: readonly PlanesWanted[],
): { readonly model: Model; readonly outputs: readonly string[] } {
  const builder = importForward(model, inputShape);
  const emit = new Emitter(builder, model.opsets.get('') ?? OPSET, 'lens/');
  const outputs = layers.map(({ tensor, form }) =>
    form?.kind === 'map' && form.axes !== undefined
      ? planesOf(emit, tensor, inputShape[0] ?? 1, form)
      : tensor,
  );
  for (const tensor of new Set(outputs)) builder.output(tensor, 'float32', null);
  return { model: { ...model, graph: pruneTo(builder.graph()) }, outputs };
}

/**
 * The model with exactly these float32 tensors as outputs, and nothing that they do not need: full activations on demand, for
 * counting NaN or for looking at single channels.
 */
export function buildForwardGraph(
  model: Model,
  inputShape: readonly number[],
  tensors: readonly string[],
): Model {
  const builder = importForward(model, inputShape);
  for (const tensor of new Set(tensors)) builder.output(tensor, 'float32', null);
  return { ...model, graph: pruneTo(builder.graph()) };
}
