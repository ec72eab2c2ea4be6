/** The expectations of a file one by one: what each is called and what it expects, for those who list and those who judge them. */
import type { CheckOutcome } from '../../../../protocol/checks';
import type { Bounds, Expect, ExpectedAttention } from '../../../../protocol/expect';
import type { ParsedLens } from '../../lens/parse';

/** Default tolerance of a probability: what another CPU or version of the runtime may change. */
export const TOLERANCE = 1e-4;

export type Expectation = {
  /** Such as `accuracy` or `attention/0`. */
  readonly id: string;
  readonly name: string;
  /** What follows "expected". */
  readonly expected: string;
  /** Keys and indexes that lead to it in `expect`; one that is left out and holds all the same has a path too. */
  readonly path: readonly (string | number)[];
} & (
  | { readonly is: 'failed'; readonly most: number }
  | { readonly is: 'verdict'; readonly verdict: string }
  | { readonly is: 'accuracy' | 'confidence'; readonly bounds: Bounds }
  | { readonly is: 'probability'; readonly bounds: NonNullable<Expect['probability']> }
  | { readonly is: 'attention'; readonly attention: ExpectedAttention }
  | { readonly is: 'healthy'; readonly pattern: string }
  | { readonly is: 'baseline'; readonly tolerance: number }
);

/** In the order in which they are judged and reported. */
export function expectationsOf(expect: Expect): readonly Expectation[] {
  const { verdict, accuracy, confidence, probability, attention = [], healthy = [], baseline } = expect;
  return [
    failing(expect.failed?.most ?? 0),
    ...(verdict === undefined ? [] : [verdictIs(verdict)]),
    ...(accuracy === undefined ? [] : [bounded('accuracy', 'accuracy', accuracy)]),
    ...(confidence === undefined ? [] : [bounded('confidence', 'confidence of the verdict', confidence)]),
    ...(probability === undefined ? [] : [probabilityWithin(probability)]),
    ...attention.map(attentionWithin),
    ...healthy.map(healthyLayers),
    ...(baseline === undefined ? [] : [equalTo(baseline)]),
  ];
}

const at = (...path: readonly (string | number)[]) => ({ id: path.join('/'), path });

const failing = (most: number): Expectation => ({
  ...{ is: 'failed', ...at('failed'), most },
  name: 'pictures that could not be evaluated',
  expected: `at most ${most}`,
});

const verdictIs = (verdict: string): Expectation => ({
  ...{ is: 'verdict', ...at('verdict'), verdict },
  name: 'verdict',
  expected: verdictWords(verdict),
});

const bounded = (is: 'accuracy' | 'confidence', name: string, bounds: Bounds): Expectation => ({
  ...{ is, ...at(is), name, bounds },
  expected: worded(bounds, is === 'confidence'),
});

const probabilityWithin = (bounds: NonNullable<Expect['probability']>): Expectation => ({
  ...{ is: 'probability', ...at('probability'), bounds },
  name: probabilityName(bounds.of),
  expected: worded(bounds, true),
});

const attentionWithin = (attention: ExpectedAttention, index: number): Expectation => ({
  ...{ is: 'attention', ...at('attention', index), attention },
  name: `attention in the ${attention.in} of ${attention.layer}`,
  expected: worded(attention, attention.over === 'every'),
});

const healthyLayers = (pattern: string, index: number): Expectation => ({
  ...{ is: 'healthy', ...at('healthy', index), pattern },
  name: `health of ${pattern}`,
  expected: 'no NaN or infinity, and values that are not all the same',
});

const equalTo = ({ tolerance = TOLERANCE }: NonNullable<Expect['baseline']>): Expectation => ({
  ...{ is: 'baseline', ...at('baseline'), tolerance },
  name: 'baseline',
  expected: `the same verdicts, and probabilities within ${tolerance}`,
});

/** Of a class, as the file or the network calls it. */
export const verdictWords = (name: string): string => `"${name}" everywhere`;
export const probabilityName = (name: string): string => `probability of "${name}"`;

function worded({ least, most }: Bounds, everywhere: boolean): string {
  const where = everywhere ? ' everywhere' : '';
  if (least !== undefined && most !== undefined) return `${least} to ${most}${where}`;
  return `${least !== undefined ? `at least ${least}` : `at most ${most ?? 1}`}${where}`;
}

/** Where an expectation is, or the nearest key above it. */
export const placeIn = (at: ParsedLens['at'], { path }: Expectation): string => at('expect', ...path);

export interface Found {
  readonly passed: boolean;
  /** What follows "found". */
  readonly found: string;
  readonly pictures: readonly string[];
  /** As the network names classes, where that differs. */
  readonly name?: string;
  readonly expected?: string;
}

/** The outcome of an expectation, from what was found. */
export function outcomeOf(expectation: Expectation, at: string, result: Found): CheckOutcome {
  const { id } = expectation;
  const { passed, found, pictures, name = expectation.name, expected = expectation.expected } = result;
  const message = `${name}: expected ${expected}, found ${found}.`;
  return { id, name, passed, expected, found, message, at, pictures };
}
