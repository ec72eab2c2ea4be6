/** Compares the rows of an evaluation with expectations: each expectation is one judge that sees every row. */
import type { Bounds, ExpectedAttention } from '../../../../protocol/expect';
import type { CheckOutcome } from '../../../../protocol/checks';
import type { Row, TableHead } from '../row';
import { matchLabels } from '../labels/match';
import { LensError } from '../../errors';
import { matchesGlob } from '../../system/glob';
import type { Expectation, Found } from './expectations';
import { outcomeOf, probabilityName, verdictWords } from './expectations';

/** Most pictures that an outcome names. */
const NAMED = 20;

export interface Judge {
  see(row: Row): void;
  outcome(): CheckOutcome;
}

/** A judge that does not know yet which expectation it judges. */
interface Judging {
  readonly see: (row: Row) => void;
  readonly found: () => Found;
}

/**
 * @param at `file:line:column` of the expectation
 * @throws LensError of kind `usage` for expectations about something that the network does not have
 */
export function judgeOf(
  expectation: Exclude<Expectation, { readonly is: 'baseline' }>,
  head: TableHead,
  at: string,
): Judge {
  const { see, found } = judgingOf(expectation, head, at);
  return { see, outcome: () => outcomeOf(expectation, at, found()) };
}

function judgingOf(
  expectation: Exclude<Expectation, { readonly is: 'baseline' }>,
  head: TableHead,
  at: string,
): Judging {
  switch (expectation.is) {
    case 'failed':
      return failing(expectation.most);
    case 'verdict':
      return verdictIs(classOf(expectation.verdict, head, at), head);
    case 'accuracy':
      return accuracyWithin(expectation.bounds);
    case 'confidence':
      return everyWithin(expectation.bounds, (row) => row.confidence);
    case 'probability':
      return probabilityWithin(expectation.bounds, classOf(expectation.bounds.of, head, at), head);
    case 'attention':
      return attentionWithin(expectation.attention, head, at);
    case 'healthy':
      return healthyLayers(expectation.pattern, head);
  }
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
  constructor(private readonly called = ' that fail') {}

  see(row: Row, isWrong: boolean): void {
    this.rows += 1;
    if (!isWrong) return;
    this.count += 1;
    if (this.first.length < NAMED) this.first.push(row.path);
  }

  found(): Found {
    // Without any picture, nothing was shown to hold.
    const passed = this.count === 0 && this.rows > 0;
    const found =
      this.rows === 0
        ? 'no picture that could be judged'
        : `${this.count} of ${this.rows} pictures${this.called}`;
    return { passed, found, pictures: this.first };
  }
}

function failing(most: number): Judging {
  const wrong = new Wrong('');
  return {
    see: (row) => wrong.see(row, row.error !== null),
    found: () => ({ ...wrong.found(), passed: wrong.count <= most && wrong.rows > 0 }),
  };
}

function verdictIs(index: number, { classes }: TableHead): Judging {
  const wrong = new Wrong();
  return {
    see: (row) => row.error === null && wrong.see(row, row.predictedIndex !== index),
    found: () => ({ ...wrong.found(), expected: verdictWords(classes[index] ?? '') }),
  };
}

function accuracyWithin(bounds: Bounds): Judging {
  let [right, rows] = [0, 0];
  const pictures: string[] = [];
  return {
    see: ({ correct, labelIndex, warnings, path }) => {
      // A network that gives no verdict is not right about what it was shown.
      const isOpen = correct === null && labelIndex !== null && warnings.includes('undecided');
      if (correct === null && !isOpen) return;
      rows += 1;
      if (correct === true) right += 1;
      else if (pictures.length < NAMED) pictures.push(path);
    },
    found: () => {
      const value = rows === 0 ? null : right / rows;
      const found =
        value === null ? 'no picture with a label that is a class' : `${digits(value)} (${right} of ${rows})`;
      return { passed: isWithin(value, bounds), found, pictures };
    },
  };
}

function everyWithin(bounds: Bounds, of: (row: Row) => number | null): Judging {
  const wrong = new Wrong();
  return {
    see: (row) => row.error === null && wrong.see(row, !isWithin(of(row), bounds)),
    found: () => wrong.found(),
  };
}

function probabilityWithin(bounds: Bounds, index: number, { classes }: TableHead): Judging {
  const { see, found } = everyWithin(bounds, ({ probabilities }) => probabilities?.[index] ?? null);
  return { see, found: () => ({ ...found(), name: probabilityName(classes[index] ?? '') }) };
}

function attentionWithin(expected: ExpectedAttention, head: TableHead, at: string): Judging {
  const { layer, in: place, over = 'mean' } = expected;
  const index = head.layers.indexOf(layer);
  if (index < 0) {
    throw new LensError('usage', `${at}: expected a layer of the network, found "${layer}".`, {
      fix: `Layers that were measured are ${head.layers.slice(0, 20).join(', ')}.`,
    });
  }
  const shareOf = ({ heat }: Row): number | null => heat[index]?.[place] ?? null;
  if (over === 'every') return everyWithin(expected, shareOf);
  let [sum, rows, without] = [0, 0, 0];
  return {
    see: (row) => {
      if (row.error !== null) return;
      const share = shareOf(row);
      if (share === null) without += 1;
      else [sum, rows] = [sum + share, rows + 1];
    },
    found: () => {
      const value = rows === 0 ? null : sum / rows;
      const blank = without === 0 ? '' : `; ${without} pictures have no heatmap there`;
      const found =
        value === null
          ? 'no picture with a heatmap there'
          : `${digits(value)}, the mean of ${rows} pictures${blank}`;
      return { passed: isWithin(value, expected), found, pictures: [] };
    },
  };
}

function healthyLayers(pattern: string, head: TableHead): Judging {
  const layers = head.layers.flatMap((name, index) =>
    pattern === name || pattern === 'all' || matchesGlob(pattern, name) ? [index] : [],
  );
  const marks = new Set<string>();
  const wrong = new Wrong();
  return {
    see: (row) => {
      if (row.error !== null) return;
      const found = [
        ...layers.flatMap((index) => row.health[index] ?? []),
        // NaN or infinity may first appear after the last layer.
        ...(row.warnings.includes('undecided') ? ['no verdict'] : []),
      ];
      for (const mark of found) marks.add(mark);
      wrong.see(row, found.length > 0);
    },
    found: () => {
      const result = wrong.found();
      return marks.size === 0 ? result : { ...result, found: `${result.found} (${[...marks].join(', ')})` };
    },
  };
}

/** An undefined value is within no bounds. */
const isWithin = (value: number | null, { least = -Infinity, most = Infinity }: Bounds): boolean =>
  value !== null && value >= least && value <= most;

const digits = (value: number): string => String(Number(value.toPrecision(4)));
