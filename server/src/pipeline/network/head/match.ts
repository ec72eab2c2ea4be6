/**
 * Recognizes an activation by what it computes, however it is written: a function of the logits is softmax or sigmoid if it gives
 * their values for seeded logits of several spreads.
 */

/** Which logit an output belongs to; sign -1 where the output is that of the negated logit, as 1 - p is. */
export interface LogitOf {
  readonly logit: number;
  readonly sign: 1 | -1;
}

export interface Match {
  readonly kind: 'softmax' | 'sigmoid';
  /** The values are logarithms of probabilities. */
  readonly log: boolean;
  /** One an output. */
  readonly picks: readonly LogitOf[];
  /** `exact`: the values themselves; `squashed`: another function of the same form; the others say how the values were changed. */
  readonly values: 'exact' | 'rounded' | 'clipped' | 'scaled' | 'weighted' | 'squashed';
  /** Of `weighted`: the positive number that each class's value was multiplied by. */
  readonly weights?: readonly number[];
}

export interface Tolerance {
  /** Of the same values, computed in another order or precision. */
  readonly exact: number;
  /** Of values that were rounded to two decimals. */
  readonly rounded: number;
}

export const FLOAT32: Tolerance = { exact: 2e-5, rounded: 5.1e-3 };
/** 10 or 7 bits of mantissa, in the logits as well as in the sum. */
export const FLOAT16: Tolerance = { exact: 4e-3, rounded: 1e-2 };

type Values = readonly ArrayLike<number>[];

/** Lower logarithms are lost where the probability itself was computed first. */
const LEAST_LOG = -18;

/** Pairs of outputs and logits that are compared where the order is not that of the logits. */
const MOST_PAIRS = 1.1e6;

/**
 * @param logits by sample
 * @param outputs by sample, what the tail made of them
 * @param lenient also matches values that were rounded, clipped or scaled
 */
export function matchActivation(
  logits: Values,
  outputs: Values,
  tolerance: Tolerance,
  lenient: boolean,
): Match | null {
  for (const log of [false, true])
    for (const kind of ['softmax', 'sigmoid'] as const) {
      const wanted = { kind, log } as const;
      const found = matchForm(logits, outputs, wanted, tolerance, lenient);
      if (found !== null) return { ...wanted, ...found };
    }
  return null;
}

type Form = Readonly<Record<'log', boolean> & Record<'kind', Match['kind']>>;

function matchForm(
  logits: Values,
  outputs: Values,
  { kind, log }: Form,
  tolerance: Tolerance,
  lenient: boolean,
): Pick<Match, 'picks' | 'values' | 'weights'> | null {
  const count = logits[0]?.length ?? 0;
  const width = outputs[0]?.length ?? 0;
  if (count === 0 || width === 0 || (kind === 'softmax' && count < 2)) return null;
  const plain = logits.map((x) => reference(kind, log, x, 1));
  const straight = Array.from({ length: width }, (_, logit) => ({ logit, sign: 1 }) as const);
  if (width === count) {
    const values = relation(plain, outputs, log, tolerance, lenient);
    if (values !== null) return { picks: straight, values };
    const weights = lenient && !log ? classWeights(plain, outputs, tolerance.exact) : null;
    if (weights !== null) return { picks: straight, values: 'weighted', weights };
  }
  if (width * count > MOST_PAIRS) return null;
  const signs = kind === 'sigmoid' ? ([1, -1] as const) : ([1] as const);
  const columns = signs.flatMap((sign) => {
    const values = sign === 1 ? plain : logits.map((x) => reference(kind, log, x, -1));
    return Array.from({ length: count }, (_, logit) => ({ pick: { logit, sign }, values, logit }));
  });
  const within = lenient ? tolerance.rounded : tolerance.exact;
  const picks: LogitOf[] = [];
  for (let output = 0; output < width; output++) {
    const column = columns.find(({ values, logit }) =>
      outputs.every((f, s) => close(f[output] ?? NaN, values[s]?.[logit] ?? NaN, within, log)),
    );
    if (column === undefined) return null;
    picks.push(column.pick);
  }
  return { picks, values: lenient ? 'rounded' : 'exact' };
}

/** sigmoid(x) = 1 / (1 + e^-x) or softmax, or their logarithms, in double precision. */
function reference(kind: Match['kind'], log: boolean, x: ArrayLike<number>, sign: 1 | -1): Float64Array {
  const values = Float64Array.from(x, (v) => sign * v);
  if (kind === 'sigmoid')
    return values.map((v) => (log ? -Math.log1p(Math.exp(-v)) : 1 / (1 + Math.exp(-v))));
  const largest = values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((total, v) => total + Math.exp(v - largest), 0);
  return values.map((v) => (log ? v - largest - Math.log(sum) : Math.exp(v - largest) / sum));
}

const close = (found: number, wanted: number, within: number, log: boolean): boolean =>
  log
    ? wanted < LEAST_LOG || Math.abs(found - wanted) <= within * (5 + Math.abs(wanted))
    : Math.abs(found - wanted) <= within;

/** How the outputs come from the reference's values, in the same order. */
function relation(
  wanted: Values,
  found: Values,
  log: boolean,
  { exact, rounded }: Tolerance,
  lenient: boolean,
): Match['values'] | null {
  const all = (holds: (value: number, reference: number) => boolean): boolean =>
    wanted.every((row, s) => Array.from(row).every((value, i) => holds(found[s]?.[i] ?? NaN, value)));
  if (all((f, w) => close(f, w, exact, log))) return 'exact';
  if (!lenient || log) return null;
  if (all((f, w) => close(f, w, rounded, log))) return 'rounded';
  const flat = (values: Values): readonly number[] => values.flatMap((row) => Array.from(row));
  const [f, w] = [flat(found), flat(wanted)];
  const [low, high] = [least(f), most(f)];
  if (low >= 0 && low < 0.25 && high > 0.75 && high <= 1)
    if (all((a, b) => close(a, Math.min(high, Math.max(low, b)), exact, log))) return 'clipped';
  const { slope, offset } = line(w, f);
  const scaled = slope > 0 && all((a, b) => close(a, slope * b + offset, exact * slope, log));
  return scaled ? 'scaled' : null;
}

/** The positive weights by which each class's reference value has to be multiplied, by least squares; null where none do. */
function classWeights(wanted: Values, found: Values, exact: number): readonly number[] | null {
  const weights = Array.from({ length: wanted[0]?.length ?? 0 }, (_, i) => {
    const [w, f] = [wanted, found].map((rows) => rows.map((row) => row[i] ?? NaN)) as [number[], number[]];
    const weight = w.reduce((sum, v, s) => sum + v * (f[s] ?? NaN), 0) / w.reduce((sum, v) => sum + v * v, 0);
    return weight > 0 && w.every((v, s) => close(f[s] ?? NaN, weight * v, exact * weight, false))
      ? weight
      : null;
  });
  return weights.every((weight) => weight !== null) ? weights : null;
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);

/** Least squares of y = slope x + offset. */
function line(x: readonly number[], y: readonly number[]): { slope: number; offset: number } {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const xy = x.reduce((sum, v, i) => sum + (v - mx) * ((y[i] ?? 0) - my), 0);
  const xx = x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const slope = xx === 0 ? 0 : xy / xx;
  return { slope, offset: my - slope * mx };
}

/**
 * Whether every output rises from about 0 to about 1 with its own logit and depends on no other: HardSigmoid and its like.
 * @param logits samples in pairs: the second of a pair shares some logits with the first
 */
export function isSquash(logits: Values, outputs: Values): boolean {
  const count = logits[0]?.length ?? 0;
  if (count === 0 || outputs[0]?.length !== count) return false;
  for (let i = 0; i < count; i++) {
    const points = logits.map((x, s) => ({ x: x[i] ?? NaN, y: outputs[s]?.[i] ?? NaN }));
    points.sort((a, b) => a.x - b.x);
    const rising = points.every(({ x, y }, k) => {
      const before = points[k - 1];
      if (before === undefined) return true;
      return before.x === x ? before.y === y : before.y <= y + 1e-6;
    });
    const [low, high] = [points[0]?.y ?? NaN, points.at(-1)?.y ?? NaN];
    if (!(rising && low >= 0 && low < 0.1 && high <= 1 && high > 0.9)) return false;
  }
  return true;
}
