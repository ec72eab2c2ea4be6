/** Whether the network's classes are named in another order than it was trained with: accuracy as labeled, and under other orders. */
import type { ClassOrder, OrderFinding } from '../../../../protocol/evaluation';
import type { Confusion } from '../metrics/confusion';
import { bestAssignment } from './assignment';

/** Accuracy that an order has to gain, so that it is not an accident. */
const LEAST_GAIN = 0.1;
/** Standard deviations: a row more or less is right by accident with a variance of at most one. */
const LEAST_SIGMA = 3;
/** Rows that each class needs before an assignment may move it: fewer fit some assignment by accident. */
const LEAST_ROWS = 5;
/** With more classes the assignment would take seconds. */
const MOST_CLASSES = 1_500;

/** @returns null without rows */
export function findOrder(confusion: Confusion, classes: readonly string[]): OrderFinding | null {
  const asLabelled = confusion.accuracy;
  if (asLabelled === null) return null;
  // Verdicts that are all the same fit any order that moves them to the only label.
  if (confusion.support.filter((rows) => rows > 0).length < 2) return { asLabelled, better: null };
  const orders = [...suppositions(classes), ...assigned(confusion, classes)]
    .map(({ order, supposition }) => ({
      supposition,
      labels: order.map((index) => classes[index] ?? ''),
      accuracy: accuracyUnder(confusion, order),
    }))
    .filter(({ accuracy }) => isClear(asLabelled, accuracy, confusion.total));
  // Of equally good orders the first is the likelier.
  const better = orders.reduce<ClassOrder | null>(
    (best, each) => (best === null || each.accuracy > best.accuracy + LEAST_GAIN / 2 ? each : best),
    null,
  );
  return { asLabelled, better };
}

function isClear(asLabelled: number, accuracy: number, rows: number): boolean {
  const gain = accuracy - asLabelled;
  return gain >= LEAST_GAIN && gain * rows >= LEAST_SIGMA * Math.sqrt((accuracy + asLabelled) * rows);
}

/** `order[output]` is the class whose name the output would have. */
interface Supposed {
  readonly supposition: string;
  readonly order: readonly number[];
}

function suppositions(classes: readonly string[]): readonly Supposed[] {
  const all = classes.map((_, index) => index);
  const sorted = (by: (a: string, b: string) => number): readonly number[] =>
    all.toSorted((a, b) => by(classes[a] ?? '', classes[b] ?? '') || a - b);
  const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const candidates: readonly Supposed[] = [
    { supposition: 'classes are sorted by name', order: sorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)) },
    {
      supposition: 'classes are sorted by name without regard to case, numbers by value',
      order: sorted(natural.compare),
    },
    { supposition: 'classes are in the opposite order', order: all.toReversed() },
    {
      supposition: 'every output stands for the previous class',
      order: all.map((i) => (i + all.length - 1) % all.length),
    },
    { supposition: 'every output stands for the next class', order: all.map((i) => (i + 1) % all.length) },
  ];
  return candidates.filter(({ order }) => order.some((index, at) => index !== at));
}

/** The assignment of outputs to labels under which most verdicts are right, if there are enough rows to tell. */
function assigned(confusion: Confusion, classes: readonly string[]): readonly Supposed[] {
  if (classes.length > MOST_CLASSES) return [];
  const count = classes.length;
  const counts = new Uint32Array(count * count); // each is read many times
  for (const [label, output, rows] of confusion.cells()) counts[label * count + output] = rows;
  const columns = bestAssignment(count, (output, label) => counts[label * count + output] as number);
  const moved = columns.flatMap((label, output) => (label === output ? [] : [label]));
  const isKnown = moved.every((label) => (confusion.support[label] ?? 0) >= LEAST_ROWS);
  return moved.length === 0 || !isKnown
    ? []
    : [{ supposition: 'classes are named as the verdicts fit the labels best', order: columns }];
}

function accuracyUnder(confusion: Confusion, order: readonly number[]): number {
  let right = 0;
  for (const [label, predicted, count] of confusion.cells()) if (order[predicted] === label) right += count;
  return right / confusion.total;
}
