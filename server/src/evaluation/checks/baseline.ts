/** Whether rows equal those of an earlier evaluation, picture by picture. */
import { LensError } from '../../errors';
import type { Row } from '../row';
import { rowsOf } from '../table/journal';
import type { Expectation } from './expectations';
import { outcomeOf } from './expectations';
import type { Judge } from './judge';

const NAMED = 20;

interface Known {
  readonly predicted: string | null;
  readonly probabilities: readonly number[] | null;
}

/** @param path of a `rows.jsonl` @param folder that it lies below @throws LensError of kind `usage` where it is none */
export async function baselineJudge(
  expectation: Extract<Expectation, { readonly is: 'baseline' }>,
  path: string,
  folder: string,
  at: string,
): Promise<Judge> {
  const { tolerance } = expectation;
  const known = new Map<string, Known>();
  try {
    for await (const { path: picture, predicted, probabilities } of rowsOf(path, folder))
      known.set(picture, { predicted, probabilities });
  } catch (thrown) {
    throw unreadable(path, at, thrown);
  }
  const missing = new Set(known.keys());
  const wrong: string[] = [];
  let [count, rows, largest, added] = [0, 0, 0, 0];
  return {
    see: (row) => {
      const then = known.get(row.path);
      missing.delete(row.path);
      rows += 1;
      if (then === undefined) added += 1;
      const difference = then === undefined ? Infinity : distance(row, then);
      if (Number.isFinite(difference)) largest = Math.max(largest, difference);
      if (difference <= tolerance) return;
      count += 1;
      if (wrong.length < NAMED) wrong.push(row.path);
    },
    outcome: () => {
      const findings = [
        `${count} of ${rows} pictures that differ`,
        `largest difference ${Number(largest.toPrecision(3))}`,
        ...(added === 0 ? [] : [`${added} that the baseline lacks`]),
        ...(missing.size === 0 ? [] : [`${missing.size} of the baseline that are gone`]),
      ];
      return outcomeOf(expectation, at, {
        passed: count === 0 && missing.size === 0 && rows > 0,
        found: findings.join(', '),
        pictures: wrong.length > 0 ? wrong : [...missing].slice(0, NAMED),
      });
    },
  };
}

function unreadable(path: string, at: string, thrown: unknown): unknown {
  const isNoRow = thrown instanceof SyntaxError || thrown instanceof TypeError;
  const message = isNoRow ? `${path}: expected rows as rows.jsonl has them, found other text.` : null;
  if (message === null && !(thrown instanceof LensError)) return thrown;
  return new LensError('usage', `${at}: ${message ?? (thrown as LensError).message}`, {
    fix: 'Keep the file rows.jsonl of an evaluation there.',
    cause: thrown,
  });
}

/** Infinite where the verdicts differ. */
function distance({ predicted, probabilities }: Row, then: Known): number {
  if (predicted !== then.predicted) return Infinity;
  if (probabilities === null || then.probabilities === null)
    return probabilities === then.probabilities ? 0 : Infinity;
  if (probabilities.length !== then.probabilities.length) return Infinity;
  return probabilities.reduce(
    (most, p, i) => Math.max(most, Math.abs(p - (then.probabilities?.[i] ?? NaN))),
    0,
  );
}
