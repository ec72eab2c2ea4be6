/** Compares the rows of an evaluation with expectations: each expectation is one judge that sees every row. */
import type { Bounds, Expect, ExpectedAttention } from '../../../../protocol/expect';
import type { Row, TableHead } from '../row';
import { matchLabels } from '../labels/match';
import { LensError } from '../../errors';
import { matchesGlob } from '../../system/glob';
import type { Outcome } from './outcome';

/** Most pictures that an outcome names. */
const NAMED = 20;

type At = (...path: readonly (string | number)[]) => string;

export interface Judge {
  see(row: Row): void;
  outcome(): Outcome;
}

/** @throws LensError of kind `usage` for expectations about something that the network does not have */
export function judgesOf(expect: Expect, head: TableHead, at: At): readonly Judge[] {
  const { verdict, accuracy, confidence, probability, attention = [], healthy = [], failed } = expect;
  return [
    failing(failed?.most ?? 0, failed === undefined ? at('expect') : at('expect', 'failed')),
    ...(verdict === undefined
      ? []
      : [verdictIs(classOf(verdict, head, at('expect', 'verdict')), head, at('expect', 'verdict'))]),
    ...(accuracy === undefined ? [] : [accuracyWithin(accuracy, at('expect', 'accuracy'))]),
    ...(confidence === undefined
      ? []
      : [
          everyWithin(
            'confidence of the verdict',
            confidence,
            (row) => row.confidence,
            at('expect', 'confidence'),
          ),
        ]),
    ...(probability === undefined ? [] : [probabilityWithin(probability, head, at('expect', 'probability'))]),
    ...attention.map((each, index) => attentionWithin(each, head, at('expect', 'attention', index))),
    ...healthy.map((pattern, index) => healthyLayers(pattern, head, at('expect', 'healthy', index))),
  ];
}

function classOf(name: string, { classes }: TableHead, at: string): number {
  const index = matchLabels([name], classes).indices.get(name) ?? -1;
  if (index >= 0) return index;
  throw new LensError('usage', `${at}: expected a class of the network, found "${name}".`, {
    fix: `Its ${classes.length} classes are ${classes.slice(0, 8).join(', ')}${classes.length > 8 ? ', ...' : ''}.`,
  });
}

/** Collects the pictures for which `isWrong`. */
class Wrong {
  private readonly first: string[] = [];
  count = 0;
  rows = 0;

  /** @param called what is counted, after the number of pictures */
  constructor(private readonly called = ' that differ') {}

  see(row: Row, isWrong: boolean): void {
    this.rows += 1;
    if (!isWrong) return;
    this.count += 1;
    if (this.first.length < NAMED) this.first.push(row.path);
  }

  outcome(name: string, expected: string, at: string): Outcome {
    // Without any picture, nothing was shown to hold.
    const passed = this.count === 0 && this.rows > 0;
    const found =
      this.rows === 0
        ? 'no picture that could be judged'
        : `${this.count} of ${this.rows} pictures${this.called}`;
    return {
      name,
      passed,
      message: `${name}: expected ${expected}, found ${found}.`,
      at,
      pictures: this.first,
    };
  }
}

function failing(most: number, at: string): Judge {
  const wrong = new Wrong('');
  return {
    see: (row) => wrong.see(row, row.error !== null),
    outcome: () => ({
      ...wrong.outcome('pictures that could not be evaluated', `at most ${most}`, at),
      passed: wrong.count <= most && wrong.rows > 0,
    }),
  };
}

function verdictIs(index: number, { classes }: TableHead, at: string): Judge {
  const wrong = new Wrong();
  return {
    see: (row) => row.error === null && wrong.see(row, row.predictedIndex !== index),
    outcome: () => wrong.outcome('verdict', `"${classes[index] ?? ''}" everywhere`, at),
  };
}

function accuracyWithin(bounds: Bounds, at: string): Judge {
  let [right, rows] = [0, 0];
  const pictures: string[] = [];
  return {
    see: ({ correct, path }) => {
      if (correct === null) return;
      rows += 1;
      if (correct) right += 1;
      else if (pictures.length < NAMED) pictures.push(path);
    },
    outcome: () => {
      const value = rows === 0 ? null : right / rows;
      const found =
        value === null ? 'no picture with a label that is a class' : `${digits(value)} (${right} of ${rows})`;
      return {
        name: 'accuracy',
        passed: isWithin(value, bounds),
        message: `accuracy: expected ${worded(bounds)}, found ${found}.`,
        at,
        pictures,
      };
    },
  };
}

function everyWithin(name: string, bounds: Bounds, of: (row: Row) => number | null, at: string): Judge {
  const wrong = new Wrong();
  return {
    see: (row) => row.error === null && wrong.see(row, !isWithin(of(row), bounds)),
    outcome: () => wrong.outcome(name, `${worded(bounds)} everywhere`, at),
  };
}

function probabilityWithin(expected: NonNullable<Expect['probability']>, head: TableHead, at: string): Judge {
  const index = classOf(expected.of, head, at);
  return everyWithin(
    `probability of "${head.classes[index] ?? ''}"`,
    expected,
    ({ probabilities }) => probabilities?.[index] ?? null,
    at,
  );
}

function attentionWithin(expected: ExpectedAttention, head: TableHead, at: string): Judge {
  const { layer, in: place, over = 'mean' } = expected;
  const index = head.layers.indexOf(layer);
  if (index < 0) {
    throw new LensError('usage', `${at}: expected a layer of the network, found "${layer}".`, {
      fix: `Layers that were measured are ${head.layers.slice(0, 20).join(', ')}.`,
    });
  }
  const name = `attention in ${place === 'box' ? 'the box' : `the ${place}`} of ${layer}`;
  const shareOf = ({ heat }: Row): number | null => heat[index]?.[place] ?? null;
  if (over === 'every') return everyWithin(name, expected, shareOf, at);
  let [sum, rows, without] = [0, 0, 0];
  return {
    see: (row) => {
      if (row.error !== null) return;
      const share = shareOf(row);
      if (share === null) without += 1;
      else [sum, rows] = [sum + share, rows + 1];
    },
    outcome: () => {
      const value = rows === 0 ? null : sum / rows;
      const blank = without === 0 ? '' : `; ${without} pictures have no heatmap there`;
      const found =
        value === null
          ? 'no picture with a heatmap there'
          : `${digits(value)}, the mean of ${rows} pictures${blank}`;
      return {
        name,
        passed: isWithin(value, expected),
        message: `${name}: expected ${worded(expected)}, found ${found}.`,
        at,
        pictures: [],
      };
    },
  };
}

function healthyLayers(pattern: string, head: TableHead, at: string): Judge {
  const layers = head.layers.flatMap((name, index) =>
    pattern === name || pattern === 'all' || matchesGlob(pattern, name) ? [index] : [],
  );
  const marks = new Set<string>();
  const wrong = new Wrong();
  return {
    see: (row) => {
      if (row.error !== null) return;
      const found = layers.flatMap((index) => row.health[index] ?? []);
      for (const mark of found) marks.add(mark);
      wrong.see(row, found.length > 0);
    },
    outcome: () => {
      const outcome = wrong.outcome(
        `health of ${pattern}`,
        'no NaN, no infinity, and values that differ',
        at,
      );
      return marks.size === 0
        ? outcome
        : { ...outcome, message: `${outcome.message.slice(0, -1)} (${[...marks].join(', ')}).` };
    },
  };
}

/** An undefined value is within no bounds. */
const isWithin = (value: number | null, { least = -Infinity, most = Infinity }: Bounds): boolean =>
  value !== null && value >= least && value <= most;

function worded({ least, most }: Bounds): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (least !== undefined) return `at least ${least}`;
  return most === undefined ? 'any' : `at most ${most}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(4)));
