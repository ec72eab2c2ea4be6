/** Metrics against scikit-learn, SciPy and cleanlab (test/reference/evaluation/), and what is said where there is no number. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bestAssignment } from '../../../server/src/evaluation/detective/assignment';
import { confidentLearning } from '../../../server/src/evaluation/detective/confident';
import { Confusion, classMetrics } from '../../../server/src/evaluation/metrics/confusion';
import { ProbabilityMetrics } from '../../../server/src/evaluation/metrics/probability';
import { areasOf, curvesOf } from '../../../server/src/evaluation/metrics/ranking';
import { Scores } from '../../../server/src/evaluation/metrics/scores';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { SummaryMaker } from '../../../server/src/evaluation/summary/summary';
import { root } from '../../support/cli';

interface Ranked {
  readonly auc: number;
  readonly averagePrecision: number;
  readonly fpr: readonly number[];
  readonly tpr: readonly number[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
}

interface Case {
  readonly name: string;
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly accuracy: number;
  readonly topFive: number | null;
  readonly precision: readonly (number | null)[];
  readonly recall: readonly (number | null)[];
  readonly f1: readonly (number | null)[];
  readonly support: readonly number[];
  readonly confusion: readonly (readonly number[])[];
  readonly ranked: readonly (Ranked | null)[];
  readonly logLoss: number;
  readonly brier: number;
  readonly calibration: {
    readonly accuracy: readonly number[];
    readonly confidence: readonly number[];
    readonly count: readonly number[];
  };
  readonly ece: number;
  readonly assignment: { readonly columns: readonly number[]; readonly right: number };
  readonly thresholds: readonly (number | null)[];
  readonly joint: readonly (readonly number[])[];
  readonly suspects: readonly number[];
}

const golden = JSON.parse(
  readFileSync(join(root, 'test', 'golden', 'evaluation', 'metrics.json'), 'utf8'),
) as { readonly cases: readonly Case[] };
assert.ok(golden.cases.length >= 6);

const TOLERANCE = 1e-9;

function close(found: number | null | undefined, wanted: number | null, what: string): void {
  if (wanted === null || found === null || found === undefined) assert.equal(found, wanted, what);
  else assert.ok(Math.abs(found - wanted) <= TOLERANCE, `${what}: ${found} for ${wanted}`);
}

function allClose(found: readonly number[], wanted: readonly number[], what: string): void {
  assert.equal(found.length, wanted.length, `${what}: length`);
  found.forEach((value, i) => close(value, wanted[i] ?? null, `${what}[${i}]`));
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

const rowOf = (index: number, label: number | null, probabilities: readonly number[] | null): Row => ({
  ...{ index, path: `${index}.png`, label: label === null ? null : String(label), labelIndex: label },
  ...{ sha256: '', width: 1, height: 1, predicted: null, confidence: null },
  predictedIndex: probabilities === null ? null : largest(probabilities),
  correct: label === null || probabilities === null ? null : largest(probabilities) === label,
  loss: label === null || probabilities === null ? null : -Math.log(probabilities[label]!),
  ...{ view: null, probabilities, heat: [], health: [], warnings: [], error: null },
});

for (const each of golden.cases) {
  describe(each.name, () => {
    const { labels, probabilities } = each;
    const classes = each.support.length;
    const scores = new Scores(classes);
    const confusion = new Confusion(classes);
    const measured = new ProbabilityMetrics();
    labels.forEach((label, row) => {
      const p = probabilities[row]!;
      scores.add(rowOf(row, label, p));
      confusion.add(label, largest(p));
      measured.add(p, label, largest(p));
    });

    test('counts', () => {
      close(confusion.accuracy, each.accuracy, 'accuracy');
      close(measured.topFiveAccuracy(classes), each.topFive, 'top five');
      for (let k = 0; k < classes; k++) {
        const found = classMetrics(confusion, k);
        assert.equal(found.support, each.support[k]);
        close(found.recall, each.recall[k] ?? null, `recall of ${k}`);
        close(found.precision, each.precision[k] ?? null, `precision of ${k}`);
        close(found.f1, each.f1[k] ?? null, `F1 of ${k}`);
        each.confusion[k]!.forEach((count, j) => assert.equal(confusion.get(k, j), count));
      }
    });

    test('curves', () => {
      each.ranked.forEach((wanted, k) => {
        const found = curvesOf(scores.column(k), (row) => labels[row] === k);
        if (wanted === null || found === null) {
          assert.equal(found, wanted);
          return;
        }
        const { auc, averagePrecision } = found;
        assert.deepEqual(
          areasOf(scores.column(k), (row) => labels[row] === k),
          { auc, averagePrecision },
        );
        close(found.auc, wanted.auc, `AUC of ${k}`);
        close(found.averagePrecision, wanted.averagePrecision, `AP of ${k}`);
        allClose(found.roc.falsePositives, wanted.fpr, `fpr of ${k}`);
        allClose(found.roc.truePositives, wanted.tpr, `tpr of ${k}`);
        allClose(found.pr.precision, wanted.precision, `precision of ${k}`);
        allClose(found.pr.recall, wanted.recall, `recall of ${k}`);
      });
    });

    test('probabilities', () => {
      close(measured.logLoss, each.logLoss, 'log loss');
      close(measured.brier(classes), each.brier, 'Brier');
      close(measured.ece, each.ece, 'ECE');
      const filled = measured.calibration.filter(({ count }) => count > 0);
      assert.deepEqual(
        filled.map(({ count }) => count),
        each.calibration.count,
      );
      allClose(
        filled.map(({ accuracy }) => accuracy!),
        each.calibration.accuracy,
        'calibration',
      );
      allClose(
        filled.map(({ confidence }) => confidence!),
        each.calibration.confidence,
        'confidence',
      );
    });

    test('detective', () => {
      const columns = bestAssignment(classes, (output, label) => confusion.get(label, output));
      assert.deepEqual(
        columns.toSorted(),
        each.support.map((_, k) => k),
        'every class once',
      );
      const right = columns.reduce((sum, label, output) => sum + confusion.get(label, output), 0);
      assert.equal(right, each.assignment.right);
      const found = confidentLearning(scores);
      each.thresholds.forEach((wanted, k) => close(found.thresholds[k], wanted, `threshold of ${k}`));
      each.joint.forEach((row, k) =>
        row.forEach((wanted, j) => {
          const count = found.joint.get(k * classes + j) ?? 0;
          assert.equal(k === j ? Math.max(1, count) : count, wanted, `joint of ${k} and ${j}`);
        }),
      );
      assert.deepEqual(
        found.suspects.map(({ row }) => row).sort((a, b) => a - b),
        each.suspects,
      );
    });
  });
}

const head = (classes: readonly string[], more: Partial<TableHead> = {}): TableHead => ({
  ...{ version: 1, software: '0', kind: 'single', device: 'cpu', lens: [], threshold: null, target: 'pred' },
  ...{
    layers: [],
    method: null,
    attentionBox: null,
    attentionMask: false,
    labelled: true,
    set: { count: 0, sha256: '' },
  },
  model: { name: 'm', sha256: '', architecture: 'a' },
  classes,
  ...more,
});

const summaryOfRows = (classes: readonly string[], rows: readonly Row[], more: Partial<TableHead> = {}) => {
  const maker = new SummaryMaker(head(classes, more));
  for (const row of rows) maker.see(row);
  return maker.summary().summary;
};

describe('what is not defined is said', () => {
  test('of classes that are no label, or no verdict', () => {
    const { metrics } = summaryOfRows(
      ['a', 'b', 'c'],
      [rowOf(0, 0, [0.6, 0.3, 0.1]), rowOf(1, 1, [0.2, 0.1, 0.7])],
    );
    const [, b, c] = metrics!.classes;
    assert.deepEqual([b!.precision, b!.recall, c!.recall, c!.precision, c!.rocAuc], [null, 0, null, 0, null]);
    assert.match(metrics!.undefined.join('\n'), /No picture is labeled "c"[\s\S]*the verdict "b"/);
  });

  test('of a set of one class, whose verdicts say nothing about the order of classes', () => {
    const always = Array.from({ length: 30 }, (_, index) => rowOf(index, 0, [0.1, 0.9]));
    assert.equal(summaryOfRows(['a', 'b'], always).order!.better, null);
    const { metrics } = summaryOfRows(['a', 'b'], [rowOf(0, 0, [0.9, 0.1]), rowOf(1, 0, [0.8, 0.2])]);
    assert.equal(metrics!.accuracy, 1);
    assert.equal(metrics!.macro.rocAuc, null);
    assert.match(
      metrics!.undefined.join('\n'),
      /Every picture is labeled "a": with one class there is no ROC/,
    );
  });

  test('of verdicts that are not numbers', () => {
    const foreign = rowOf(3, 1, [0.1, 0.8, 0.1]); // of a table that somebody has changed
    const rows = [rowOf(0, 0, [NaN, NaN]), rowOf(1, 1, null), rowOf(2, 1, [0.1, 0.9]), foreign];
    const { metrics } = summaryOfRows(['a', 'b'], rows);
    assert.equal(metrics!.rows, 1);
    assert.match(metrics!.undefined.join('\n'), /3 pictures with a label have no verdict/);
    const none = summaryOfRows(['a', 'b'], rows.slice(0, 2)).metrics!;
    assert.deepEqual(
      [none.accuracy, none.logLoss, none.ece, none.brier, none.macro.f1],
      [null, null, null, null, null],
    );
    assert.match(none.undefined.join('\n'), /no metric is defined/);
  });

  test('of sets without labels, and of networks of several labels', () => {
    const rows = [rowOf(0, 0, [0.9, 0.1])];
    assert.match(summaryOfRows(['a', 'b'], rows, { labelled: false }).unmeasured!, /no labels/);
    const multi = summaryOfRows(['a', 'b'], rows, { kind: 'multi' });
    assert.deepEqual([multi.metrics, multi.order, multi.suspects], [null, null, null]);
  });
});

describe('the order of the classes', () => {
  /** Verdicts right nine times in ten for the classes in the order `trained`. */
  const rowsFor = (classes: readonly string[], trained: readonly string[]): readonly Row[] =>
    Array.from({ length: 60 }, (_, i) => {
      const label = classes[i % classes.length]!;
      const seen = i % 10 === 0 ? trained[(i / 10) % trained.length]! : label;
      const output = trained.indexOf(seen);
      return rowOf(
        i,
        classes.indexOf(label),
        classes.map((_, k) => (k === output ? 0.8 : 0.2 / (classes.length - 1))),
      );
    });

  test('is said where another one fits far better, with the reason', () => {
    const classes = ['real', 'fake', 'other'];
    const { order } = summaryOfRows(classes, rowsFor(classes, ['fake', 'other', 'real']));
    assert.equal(order!.better!.supposition, 'classes are sorted by name');
    assert.deepEqual(order!.better!.labels, ['fake', 'other', 'real']);
    assert.ok(order!.better!.accuracy >= 0.9 && order!.asLabelled < 0.2);
  });

  test('is found without a reason, and not doubted where it is right', () => {
    const classes = ['a', 'b', 'c', 'd'];
    const { order } = summaryOfRows(classes, rowsFor(classes, ['b', 'd', 'a', 'c']));
    assert.deepEqual(order!.better!.labels, ['b', 'd', 'a', 'c']);
    assert.equal(summaryOfRows(classes, rowsFor(classes, classes)).order!.better, null);
    const few = rowsFor(classes, ['b', 'd', 'a', 'c']).slice(1, 9);
    assert.equal(
      summaryOfRows(classes, few).order!.better,
      null,
      'eight pictures fit some order by accident',
    );
  });
});
