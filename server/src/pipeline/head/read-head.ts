/**
 * Reads the end of a graph: which tensor holds the logits, and what makes probabilities of them. An activation is recognized by what
 * it computes, so it does not matter how it is written or what shape operators stand around it.
 */
import { LensError } from '../../errors';
import type { DataType, Model } from '../../onnx/model';
import { elementCount } from '../../onnx/model';
import type { Activation } from '../activation';
import type { Cut } from './cuts';
import { cutsBefore } from './cuts';
import type { ForcedFacts } from './forced';
import { forcedOn } from './forced';
import { HeadNodes } from './head-nodes';
import type { LogitOf, Match, Tolerance } from './match';
import { FLOAT16, FLOAT32, isSquash, matchActivation } from './match';
import { logitSamples, maskedSamples } from './samples';
import { tailValues } from './tail-values';

export interface HeadFacts extends ForcedFacts {
  readonly factsOf: (
    tensor: string,
  ) => { readonly type: DataType; readonly dims: readonly number[] } | undefined;
}

export interface Head {
  /** The given model, and nodes that bring logits and probabilities into the form (1, values). */
  readonly model: Model;
  /** The tensor of the file that goes into the activation: layers lie before it. */
  readonly source: string;
  /** (1, logits), float32: what is explained. */
  readonly logits: string;
  readonly count: number;
  /** (1, width), float32: what the file gives. */
  readonly outputs: string;
  readonly width: number;
  /** Null where the graph does not tell. */
  readonly activation: Activation | null;
}

/** What was found at one cut. */
interface Found {
  readonly cut: Cut;
  readonly match: Match;
  /** The tensor that holds the probabilities in the order of the outputs, or their logarithms; null where none does. */
  readonly probabilities: string | null;
}

/**
 * @param output of the graph
 * @param fromImage tensors that depend on the image
 * @throws LensError of kind `model` if the output is no list of classes
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
  if (found === null) {
    const activation = forcedActivation(model, output, width, facts);
    const logits = { source: output, logits: outputs, count: width };
    return { model: nodes.model(model), ...logits, outputs, width, activation };
  }
  const { cut, match } = found;
  const source = shaped(cut.tensor);
  const picks = pairOf(match) ?? match.picks;
  const logits = nodes.picked(nodes.flat(source), elementCount(source.dims), picks);
  const probabilities = found.probabilities === null ? null : nodes.flat(shaped(found.probabilities));
  return {
    model: nodes.model(model),
    ...{ source: cut.tensor, logits, count: picks.length, outputs, width },
    activation: {
      kind: match.kind,
      origin: 'graph',
      multiLabel: match.kind === 'sigmoid' && picks.length > 1,
      probabilities: probabilities === null ? null : { tensor: probabilities, log: match.log },
      evidence: evidenceOf(match, cut.tensor),
    },
  };
}

/** At most one axis has more than one value: the batch is always one. */
const isClassList = (dims: readonly number[]): boolean =>
  elementCount(dims) >= 1 && dims.filter((size) => size !== 1).length <= 1;

const noClasses = (output: string, dims: readonly number[] | undefined): LensError =>
  new LensError(
    'model',
    `expected logits of shape [1, classes], found "${output}" of shape [${dims?.join(', ') ?? 'unknown'}].`,
    { fix: 'Export the classifier so that its first output holds the logits.' },
  );

/** [1 - p, p] and [p, 1 - p] are two classes of one logit, which is that of the last. */
function pairOf({ kind, picks }: Match): readonly LogitOf[] | null {
  const [first, last] = picks;
  if (kind !== 'sigmoid' || picks.length !== 2 || first === undefined || last === undefined) return null;
  return first.logit === last.logit && first.sign !== last.sign ? [last] : null;
}

/** Softmax and sigmoid exactly; else rounded, clipped or scaled; else some other function that squashes each logit. */
async function findActivation(model: Model, cuts: readonly Cut[], facts: HeadFacts): Promise<Found | null> {
  const tried: Tried[] = [];
  for (const [index, cut] of cuts.entries()) {
    if (index === 0) continue; // the output itself
    const values = await valuesAt(model, cuts.slice(0, index), cut, facts);
    if (values === null) break;
    tried.push({ cut, ...values });
    const found = foundAt(values, false);
    if (found !== null) return deepest(model, cuts, index, { cut, ...found }, facts);
  }
  for (const { cut, ...values } of tried) {
    const found = foundAt(values, true);
    if (found !== null) return { cut, ...found };
  }
  for (const { cut } of tried) if (await squashes(model, cuts, cut, facts)) return squashAt(cuts, cut, facts);
  return null;
}

interface CutValues {
  readonly tolerance: Tolerance;
  readonly samples: readonly Float32Array[];
  /** The output first. */
  readonly nearer: readonly string[];
  readonly results: readonly ReadonlyMap<string, Float32Array>[];
}

type Tried = CutValues & { readonly cut: Cut };

/** Runs everything after the cut on seeded logits. */
async function valuesAt(
  model: Model,
  nearerCuts: readonly Cut[],
  cut: Cut,
  facts: HeadFacts,
): Promise<CutValues | null> {
  const { type, dims } = facts.factsOf(cut.tensor) ?? {};
  if (type === undefined || dims === undefined || !isFloat(type)) return null;
  const half = nearerCuts.some(({ tensor }) => isHalf(facts.factsOf(tensor)?.type)) || isHalf(type);
  const samples = logitSamples(elementCount(dims), half ? [0.5, 1, 2] : [0.3, 1, 3, 7]);
  const nearer = nearerCuts.map(({ tensor }) => tensor);
  const results = await tailValues(model, { from: cut.tensor, type, dims, to: nearer }, samples);
  return results === null ? null : { samples, nearer, results, tolerance: half ? FLOAT16 : FLOAT32 };
}

const isHalf = (type: DataType | undefined): boolean => type === 'float16' || type === 'bfloat16';
const isFloat = (type: DataType): boolean => isHalf(type) || type === 'float32' || type === 'float64';

function foundAt(values: CutValues, lenient: boolean): Omit<Found, 'cut'> | null {
  const { samples, nearer, results, tolerance } = values;
  const at = (tensor: string) => results.map((result) => result.get(tensor) ?? new Float32Array());
  const [output = ''] = nearer;
  const match = matchActivation(samples, at(output), tolerance, lenient);
  if (match === null) return null;
  if (match.values === 'exact') return { match, probabilities: output };
  // The numbers as they were before they were rounded, clipped or scaled.
  const before = nearer.find((tensor) => {
    const same = matchActivation(samples, at(tensor), tolerance, false);
    return same?.kind === match.kind && !same.log && samePicks(same.picks, match.picks);
  });
  return { match, probabilities: before ?? null };
}

const samePicks = (a: readonly LogitOf[], b: readonly LogitOf[]): boolean =>
  a.length === b.length && a.every(({ logit, sign }, i) => logit === b[i]?.logit && sign === b[i].sign);

/**
 * Cuts further back from which the activation is the same: what is subtracted from all logits for the sake of range, and changes of
 * shape, are no part of the logits. What adds a constant is: the bias of a layer.
 */
async function deepest(
  model: Model,
  cuts: readonly Cut[],
  from: number,
  first: Found,
  facts: HeadFacts,
): Promise<Found> {
  let found = first;
  for (let index = from + 1; index < cuts.length; index++) {
    const cut = cuts[index];
    if (cut === undefined || addsConstant(cut, cuts[index - 1], facts)) break;
    const values = await valuesAt(model, cuts.slice(0, index), cut, facts);
    const match = values === null ? null : foundAt(values, false);
    if (match === null || match.match.log !== first.match.log) break;
    found = { cut, ...match };
  }
  return found;
}

function addsConstant(cut: Cut, nearer: Cut | undefined, { valueOf }: HeadFacts): boolean {
  const step = cut.tail.slice(0, cut.tail.length - (nearer?.tail.length ?? 0));
  return step.some(
    ({ opType, inputs }) =>
      (opType === 'Add' || opType === 'Sub') && inputs.some((input) => valueOf(input) !== undefined),
  );
}

async function squashes(model: Model, cuts: readonly Cut[], cut: Cut, facts: HeadFacts): Promise<boolean> {
  const [output] = cuts;
  const { type, dims } = facts.factsOf(cut.tensor) ?? {};
  if (output === undefined || type === undefined || dims === undefined) return false;
  const samples = maskedSamples(elementCount(dims));
  const results = await tailValues(model, { from: cut.tensor, type, dims, to: [output.tensor] }, samples);
  if (results === null) return false;
  return isSquash(
    samples,
    results.map((result) => result.get(output.tensor) ?? new Float32Array()),
  );
}

function squashAt(cuts: readonly Cut[], cut: Cut, facts: HeadFacts): Found {
  const count = elementCount(facts.factsOf(cut.tensor)?.dims ?? []);
  const picks = Array.from({ length: count }, (_, logit) => ({ logit, sign: 1 }) as const);
  const match: Match = { kind: 'sigmoid', log: false, picks, values: 'squashed' };
  return { cut, match, probabilities: cuts[0]?.tensor ?? null };
}

function evidenceOf({ kind, log, values }: Match, tensor: string): string {
  const what =
    values === 'squashed' ? `a function like ${kind}` : `${log ? 'the logarithm of ' : ''}the ${kind}`;
  const after =
    values === 'rounded' || values === 'clipped' || values === 'scaled'
      ? `, which it gives ${values}; shown is what it was before`
      : '';
  return `the file ends in ${what} of "${tensor}"${after}`;
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

/** Of bounds that constants of float32 add up to. */
const ROUNDING = 1e-5;
