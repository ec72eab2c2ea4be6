/**
 * Reads the end of a graph: which tensor holds the logits, and what makes probabilities of them. An activation is recognized by what
 * it computes, so it does not matter how it is written or what shape operators stand around it.
 */
import { LensError } from '../../../errors';
import type { Model } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import type { Activation } from '../activation';
import { cutsBefore } from './cuts';
import type { ForcedFacts } from './forced';
import { forcedOn } from './forced';
import { HeadNodes } from './head-nodes';
import type { FindFacts, Found } from './find-activation';
import { findActivation } from './find-activation';
import { joinedParts } from './joined';
import type { LogitOf, Match } from './match';

export type HeadFacts = ForcedFacts & FindFacts;

export interface Head {
  /** The given model, and nodes that bring logits and probabilities into the form (1, values). */
  readonly model: Model;
  /** The tensors of the file that go into the activation: layers come before them. */
  readonly sources: readonly string[];
  /** (1, logits), float32: what is explained. */
  readonly logits: string;
  readonly count: number;
  /** (1, width), float32: the file's output. */
  readonly outputs: string;
  readonly width: number;
  /** Null if the graph does not show it. */
  readonly activation: Activation | null;
}

/**
 * @param output of the graph
 * @param fromImage tensors that depend on the image
 * @throws LensError of kind `model` if the output is not a list of classes
 */
export async function readHead(
  model: Model,
  output: string,
  fromImage: ReadonlySet<string>,
  facts: HeadFacts,
): Promise<Head> {
  const shaped = (tensor: string) => {
    const { type, dims } = facts.factsOf(tensor) ?? {};
    if (type === undefined || dims === undefined) throw noClasses(output, undefined);
    return { tensor, type, dims };
  };
  const dims = facts.factsOf(output)?.dims;
  if (dims === undefined || !isClassList(dims)) throw noClasses(output, dims);
  const nodes = new HeadNodes(model.graph);
  const outputs = nodes.flat(shaped(output));
  const width = elementCount(dims);
  const cuts = cutsBefore(model.graph, output, fromImage, facts.factsOf);
  const found = await findActivation(model, cuts, facts);
  const parts = found === null ? await joinedParts(model, cuts, fromImage, facts) : [found];
  if (parts === null) {
    const activation = forcedActivation(model, output, width, facts);
    const logits = { sources: [output], logits: outputs, count: width };
    return { model: nodes.model(model), ...logits, outputs, width, activation };
  }
  const explained = parts.map(({ cut, match }) => {
    const source = shaped(cut.tensor);
    const count = elementCount(source.dims);
    const flat = nodes.flat(source);
    const one = oneOfTwo(match, count);
    if (one !== null) return { tensor: nodes.difference(flat, one), count: 1 };
    const picks = pairOf(match) ?? match.picks;
    const picked = nodes.picked(flat, count, picks);
    // Sigmoids keep their own probabilities; with a softmax, the weights may decide which class is the most likely.
    const isWeighted = match.kind === 'softmax' && match.weights !== undefined;
    return { tensor: isWeighted ? nodes.weighted(picked, match.weights) : picked, count: picks.length };
  });
  const sum = explained.reduce((total, part) => total + part.count, 0);
  const [first] = explained;
  const logits =
    explained.length === 1 && first ? first.tensor : nodes.concat(explained.map((part) => part.tensor));
  const activation = activationOf(parts, sum, (tensor) => nodes.flat(shaped(tensor)), output);
  const sources = parts.map(({ cut }) => cut.tensor);
  return { model: nodes.model(model), sources, logits, count: sum, outputs, width, activation };
}

/** @param count of logits */
function activationOf(
  parts: readonly Found[],
  count: number,
  flat: (tensor: string) => string,
  output: string,
): Activation {
  const [first] = parts;
  if (first === undefined) throw new LensError('internal', `The head of "${output}" has no part.`);
  const { match, probabilities } = first;
  const shown = parts.length === 1 ? probabilities : output;
  return {
    ...{ kind: count === 1 ? 'sigmoid' : match.kind, origin: 'graph' },
    multiLabel: match.kind === 'sigmoid' && count > 1,
    probabilities: shown === null ? null : { tensor: flat(shown), log: match.log },
    evidence: parts.map(({ match: m, cut }) => evidenceOf(m, cut.tensor)).join(', and '),
  };
}

/** At most one axis has more than one value: the batch is always one. */
const isClassList = (dims: readonly number[]): boolean =>
  elementCount(dims) >= 1 && dims.filter((size) => size !== 1).length <= 1;

const noClasses = (output: string, dims: readonly number[] | undefined): LensError =>
  new LensError(
    'model',
    `expected logits of shape [1, classes], found "${output}" of shape [${dims?.join(', ') ?? 'unknown'}].`,
    { fix: 'Export the classifier so that one of its outputs holds the logits.' },
  );

/** [1 - p, p] and [p, 1 - p] are two classes of one logit, that of the last class. */
function pairOf({ kind, picks }: Match): readonly LogitOf[] | null {
  const [first, last] = picks;
  if (kind !== 'sigmoid' || picks.length !== 2 || first === undefined || last === undefined) return null;
  return first.logit === last.logit && first.sign !== last.sign ? [last] : null;
}

/** Only one class of a softmax over two: p = sigmoid(z - other z), so the difference is its logit. */
function oneOfTwo({ kind, picks }: Match, count: number): 0 | 1 | null {
  const [only, ...others] = picks;
  if (kind !== 'softmax' || count !== 2 || only === undefined || others.length > 0) return null;
  return only.logit === 0 ? 0 : 1;
}

function evidenceOf({ kind, log, values, weights, picks }: Match, tensor: string): string {
  if (kind === 'softmax' && weights !== undefined)
    return (
      `the file ends in the softmax of "${tensor}", and multiplies each class by a weight of its own; shown are these ` +
      'products divided by their sum, the softmax of the logits plus the weights’ logarithms'
    );
  const what =
    values === 'squashed' ? `a function like ${kind}` : `${log ? 'the logarithm of ' : ''}the ${kind}`;
  const after =
    values === 'rounded' || values === 'clipped' || values === 'scaled' || values === 'weighted'
      ? `, which it gives ${values}; shown is what it was before`
      : '';
  const one = kind === 'softmax' && picks.length === 1 ? ', of which it gives one class' : '';
  return `the file ends in ${what} of "${tensor}"${one}${after}`;
}

/** Where no activation is found, the operators may still force probabilities: their range, and for several classes their sum. */
function forcedActivation(model: Model, output: string, count: number, facts: HeadFacts): Activation | null {
  const { low, high, sum } = forcedOn(output, model.graph, facts);
  if (!(low >= -ROUNDING && high <= 1 + ROUNDING)) return null;
  const dims = facts.factsOf(output)?.dims ?? [];
  const sums = sum !== null && dims[sum.axis] === count && Math.abs(sum.value - 1) < ROUNDING;
  const range = `the file's operators keep ${count === 1 ? 'the output' : 'every output'} within 0 and 1`;
  return {
    ...{ kind: 'none', origin: 'graph', probabilities: null },
    multiLabel: count > 1 && !sums,
    evidence: sums
      ? `${range} and their sum at 1, and end in no activation that could be looked through`
      : `${range}, and end in no activation that could be looked through`,
  };
}

/** Tolerance of bounds that are sums of float32 constants. */
const ROUNDING = 1e-5;
