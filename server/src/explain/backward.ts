/** Forward pass, target and backward pass of a classifier, with the gradient of every reported layer. */
import { appendGradients } from '../autodiff/driver';
import { Emitter } from '../autodiff/emitter';
import { factsOfModel } from '../autodiff/facts';
import type { GraphFacts, TensorFacts } from '../autodiff/rule';
import type { BeyondRanges } from '../lowering/quantized/ranges';
import { LensError } from '../errors';
import { NoGradient } from '../autodiff/no-gradient';
import { readsOf } from '../onnx/graph-index';
import type { Model, Node } from '../onnx/model';
import { imageInput, importForward } from './forward';
import { formOf, type LayerForm } from '../layers/form';
import { rewrite, type GraphPass, type PassReport } from './passes';
import { addTarget, type AddTarget, type ClassBound, type Target } from './target';

/** A reported layer: the name that users see, and the tensor of the graph that holds its output. */
export interface Layer {
  readonly name: string;
  readonly tensor: string;
  /** How to read its axes, where the shape alone does not say. */
  readonly form?: LayerForm;
}

export interface Classifier {
  readonly model: Model;
  /** Shape of the model's only input, batch first: binds its open dimensions. */
  readonly inputShape: readonly number[];
  /** Tensor of shape (N, classes). */
  readonly logits: string;
  /** For one logit: when it decides for the last of its two classes; above zero by default. */
  readonly bound?: ClassBound;
  /** (N, any): probabilities that the model computes itself, or their logarithms: an output beside the logits. */
  readonly probabilities?: { readonly tensor: string } | null;
  /** Of a quantized network without its ranges: an output beside the logits. */
  readonly beyond?: BeyondRanges | null;
}

export interface DifferentiatedLayer extends Layer {
  readonly shape: readonly number[];
  readonly form: LayerForm;
  /** dL/d tensor, of the same shape; null where an operator between the layer and the logits passes no gradient. */
  readonly gradient: string | null;
  /** Why there is none. */
  readonly unexplained: string | null;
}

export interface Backward {
  readonly image: string;
  readonly batch: number;
  readonly classes: number;
  readonly target: Target;
  /** In the requested order. */
  readonly layers: readonly DifferentiatedLayer[];
  /** Adds nodes to the graph, which has no outputs yet. */
  readonly emit: Emitter;
  /** What the passes over the forward graph did. */
  readonly passes: readonly PassReport[];
}

/**
 * Differentiates only from the logits back to the first reported layer, after the passes over the forward graph.
 * @throws LensError of kind `model` for a model without a single image input, for logits that are not (N, classes), for layers
 * that are not (N, C, H, W) or (N, C) tensors or do not influence the logits, and for operators without a gradient.
 */
export function differentiate(
  classifier: Classifier,
  layers: readonly Layer[],
  passes: readonly GraphPass[],
  choose: AddTarget = addTarget,
): Backward {
  const { inputShape, logits } = classifier;
  const image = imageInput(classifier.model).name;
  const given = factsOfModel(classifier.model, { [image]: inputShape });
  const { batch, classes } = checkLogits(given, logits, inputShape);
  const checked = layers.map((layer) => ({ ...layer, ...checkLayer(given, layer) }));
  const { model, reports } = rewriteForward(classifier, layers, passes);
  const facts = model === classifier.model ? given : factsOfModel(model, { [image]: inputShape });
  const attempt = (wrt: readonly string[]) => {
    const builder = importForward(model, inputShape);
    const emit = new Emitter(builder, facts.opset, 'lens/');
    const target = choose(emit, logits, batch, classes, classifier.bound);
    const seeds = new Map([[logits, target.seed]]);
    return {
      emit,
      target,
      gradients: appendGradients({ builder, nodes: model.graph.nodes, facts, seeds, wrt }),
    };
  };
  const wanted = layers.map(({ tensor }) => tensor);
  const { result, blocked } = withoutBlocked(wanted, model.graph.nodes, attempt);
  const { emit, target, gradients } = result;
  const differentiated = checked.map((layer) => {
    const gradient = gradients.get(layer.tensor);
    if (gradient !== undefined) return { ...layer, gradient, unexplained: null };
    const unexplained = blocked.get(layer.tensor);
    if (unexplained !== undefined) return { ...layer, gradient: null, unexplained };
    throw new LensError(
      'model',
      `Layer "${layer.name}" (tensor "${layer.tensor}") does not influence "${logits}", so it has no gradient.`,
      { fix: 'Export the model so that this layer lies between the image and the logits.' },
    );
  });
  return { image, batch, classes, target, layers: differentiated, emit, passes: reports };
}

/**
 * Gradients of as many tensors as possible: an operator that passes none excludes all tensors that it is computed from, on any path,
 * since the gradient along the other paths alone would be a wrong number.
 * @returns why others have none, by tensor
 */
function withoutBlocked<T>(
  wanted: readonly string[],
  nodes: readonly Node[],
  attempt: (wrt: readonly string[]) => T,
): { readonly result: T; readonly blocked: ReadonlyMap<string, string> } {
  const blocked = new Map<string, string>();
  for (;;) {
    try {
      return { result: attempt(wanted.filter((tensor) => !blocked.has(tensor))), blocked };
    } catch (thrown) {
      if (!(thrown instanceof NoGradient)) throw thrown;
      const before = ancestorsOf(thrown.node, nodes);
      const lost = wanted.filter((tensor) => before.has(tensor) && !blocked.has(tensor));
      if (lost.length === 0) throw thrown;
      for (const tensor of lost) blocked.set(tensor, thrown.message);
    }
  }
}

/** Tensors from which a node is computed. @param nodes in topological order */
function ancestorsOf(node: Node, nodes: readonly Node[]): ReadonlySet<string> {
  const found = new Set(readsOf(node));
  for (const each of nodes.toReversed())
    if (each.outputs.some((output) => found.has(output))) for (const input of readsOf(each)) found.add(input);
  return found;
}

/** The forward graph as the passes leave it; it still computes the logits and every reported layer. */
function rewriteForward(
  { model, inputShape, logits, probabilities, beyond }: Classifier,
  layers: readonly Layer[],
  passes: readonly GraphPass[],
): { readonly model: Model; readonly reports: readonly PassReport[] } {
  const forward = passes.filter(({ stage }) => stage === 'forward');
  if (forward.length === 0) return { model, reports: [] };
  const shown = [probabilities, beyond].flatMap((output) => (output ? [output.tensor] : []));
  const kept = new Set([logits, ...shown, ...layers.map(({ tensor }) => tensor)]);
  const computed = model.graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => kept.has(name)));
  const bound = importForward(model, inputShape);
  for (const tensor of computed) bound.output(tensor, 'float32', null);
  return rewrite({ ...model, graph: bound.graph() }, forward, 'forward');
}

function checkLogits(
  facts: GraphFacts,
  logits: string,
  inputShape: readonly number[],
): { batch: number; classes: number } {
  const found = facts.factsOf(logits);
  const [batch, classes] = found?.dims ?? [];
  const fits = found?.dims.length === 2 && found.type === 'float32' && batch === inputShape[0];
  if (fits && batch !== undefined && classes !== undefined) return { batch, classes };
  throw new LensError(
    'model',
    `Expected the output "${logits}" to be float32 of shape [${inputShape[0] ?? '?'}, classes]; ` +
      `found ${describeFacts(found)}.`,
    { fix: 'Export the classifier so that its first output holds the logits.' },
  );
}

function checkLayer(
  facts: GraphFacts,
  { name, tensor, form: given }: Layer,
): Pick<DifferentiatedLayer, 'shape' | 'form'> {
  const found = facts.factsOf(tensor);
  const form = found?.type === 'float32' ? (given ?? formOf(found.dims)) : null;
  if (found !== undefined && form !== null) return { shape: found.dims, form };
  throw new LensError(
    'model',
    `Layer "${name}": expected float32 of shape [N, C, H, W] or [N, C]; found ${describeFacts(found)}.`,
    { fix: 'Export the model with float32 layers of these shapes.' },
  );
}

const describeFacts = (facts: TensorFacts | undefined): string =>
  facts === undefined
    ? 'no such tensor, or one of unknown shape'
    : `${facts.type} [${facts.dims.join(', ')}]`;
