/** Looks for the activation at the end of a graph, cut by cut. */
import type { DataType, Model } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import type { Cut } from './cuts';
import type { LogitOf, Match, Tolerance } from './match';
import { FLOAT16, FLOAT32, isSquash, matchActivation } from './match';
import { logitSamples, maskedSamples } from './samples';
import type { ReadConstant } from './tail-values';
import { tailValues } from './tail-values';

export interface FindFacts {
  readonly factsOf: (
    tensor: string,
  ) => { readonly type: DataType; readonly dims: readonly number[] } | undefined;
  readonly valueOf: (tensor: string) => ArrayLike<number | bigint> | undefined;
  readonly read: ReadConstant;
}

/** What was found at one cut. */
export interface Found {
  readonly cut: Cut;
  readonly match: Match;
  /** The tensor that holds the probabilities in the order of the outputs, or their logarithms; null where none does. */
  readonly probabilities: string | null;
}

/** Tries softmax and sigmoid exactly, then rounded, clipped or scaled, then any function that squashes each logit. */
export async function findActivation(
  model: Model,
  cuts: readonly Cut[],
  facts: FindFacts,
): Promise<Found | null> {
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
  facts: FindFacts,
): Promise<CutValues | null> {
  const { type, dims } = facts.factsOf(cut.tensor) ?? {};
  if (type === undefined || dims === undefined || !isFloat(type)) return null;
  const half = nearerCuts.some(({ tensor }) => isHalf(facts.factsOf(tensor)?.type)) || isHalf(type);
  const samples = logitSamples(elementCount(dims), half ? [0.5, 1, 2] : [0.3, 1, 3, 7]);
  const nearer = nearerCuts.map(({ tensor }) => tensor);
  const { factsOf, read } = facts;
  const request = { from: cut.tensor, type, dims, to: nearer, factsOf, read };
  const run = await tailValues(model, request, samples);
  if (run === null) return null;
  return { samples: run.samples, nearer, results: run.values, tolerance: half ? FLOAT16 : FLOAT32 };
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
  if (match.kind === 'softmax' && match.values === 'weighted') return { match, probabilities: null };
  // The values before they were rounded, clipped or scaled.
  const before = nearer.find((tensor) => {
    const same = matchActivation(samples, at(tensor), tolerance, false);
    return same?.kind === match.kind && !same.log && samePicks(same.picks, match.picks);
  });
  return { match, probabilities: before ?? null };
}

const samePicks = (a: readonly LogitOf[], b: readonly LogitOf[]): boolean =>
  a.length === b.length && a.every(({ logit, sign }, i) => logit === b[i]?.logit && sign === b[i].sign);

/**
 * Cuts further back with the same activation: the maximum that is subtracted from all logits for numerical range, and changes of
 * shape, are not part of the logits. What adds a constant is: the bias of a layer.
 */
async function deepest(
  model: Model,
  cuts: readonly Cut[],
  from: number,
  first: Found,
  facts: FindFacts,
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

function addsConstant(cut: Cut, nearer: Cut | undefined, { valueOf }: FindFacts): boolean {
  const step = cut.tail.slice(0, cut.tail.length - (nearer?.tail.length ?? 0));
  return step.some(
    ({ opType, inputs }) =>
      (opType === 'Add' || opType === 'Sub') && inputs.some((input) => valueOf(input) !== undefined),
  );
}

async function squashes(model: Model, cuts: readonly Cut[], cut: Cut, facts: FindFacts): Promise<boolean> {
  const [output] = cuts;
  const { type, dims } = facts.factsOf(cut.tensor) ?? {};
  if (output === undefined || type === undefined || dims === undefined) return false;
  const { factsOf, read } = facts;
  const request = { from: cut.tensor, type, dims, to: [output.tensor], factsOf, read };
  const run = await tailValues(model, request, maskedSamples(elementCount(dims)));
  if (run === null) return false;
  return isSquash(
    run.samples,
    run.values.map((result) => result.get(output.tensor) ?? new Float32Array()),
  );
}

function squashAt(cuts: readonly Cut[], cut: Cut, facts: FindFacts): Found {
  const count = elementCount(facts.factsOf(cut.tensor)?.dims ?? []);
  const picks = Array.from({ length: count }, (_, logit) => ({ logit, sign: 1 }) as const);
  const match: Match = { kind: 'sigmoid', log: false, picks, values: 'squashed' };
  return { cut, match, probabilities: cuts[0]?.tensor ?? null };
}
