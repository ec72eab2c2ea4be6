/** Metrics of several labels against scikit-learn (test/reference/evaluation/several_golden.py), and how manifests write such labels. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readSet } from '../../../server/src/evaluation/labels/read-set';
import { severalIn } from '../../../server/src/evaluation/labels/several';
import { SeveralLabels } from '../../../server/src/evaluation/metrics/several';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { SummaryMaker } from '../../../server/src/evaluation/summary/summary';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { root } from '../../support/cli';
import { temporaryFolder } from '../../support/temp';

type Numbers = readonly (number | null)[];
interface Scores<T> {
  readonly precision: T;
  readonly recall: T;
  readonly f1: T;
}
interface Case {
  readonly name: string;
  readonly labels: readonly (readonly number[])[];
  readonly probabilities: readonly (readonly number[])[];
  readonly subset: number;
  readonly hamming: number;
  readonly scores: {
    readonly micro: Scores<number | null>;
    readonly macro: Scores<number | null>;
    readonly None: Scores<Numbers>;
  };
  readonly ranked: readonly ({
    readonly auc: number;
    readonly averagePrecision: number;
    readonly fpr: Numbers;
    readonly tpr: Numbers;
    readonly precision: Numbers;
    readonly recall: Numbers;
  } | null)[];
  readonly macroAveragePrecision: number;
  readonly macroAuc: number;
  readonly microAveragePrecision: number;
  readonly microAuc: number;
}
const golden = JSON.parse(
  readFileSync(join(root, 'test', 'golden', 'evaluation', 'several.json'), 'utf8'),
) as { readonly threshold: number; readonly cases: readonly Case[] };

const close = (found: number | null | undefined, wanted: number | null | undefined, what: string): void => {
  if (wanted === null || wanted === undefined) assert.equal(found ?? null, null, what);
  else
    assert.ok(
      typeof found === 'number' && Math.abs(found - wanted) <= 1e-9,
      `${what}: ${found}, not ${wanted}`,
    );
};
const closeAll = (found: Numbers, wanted: Numbers, what: string): void => {
  assert.equal(found.length, wanted.length, what);
  found.forEach((value, at) => {
    close(value, wanted[at], `${what} ${at}`);
  });
};

describe('several labels agree with scikit-learn to 1e-9:', () => {
  assert.ok(golden.cases.length >= 4);
  for (const each of golden.cases)
    test(each.name, () => {
      const classes = (each.probabilities[0] ?? []).map((_, index) => `class ${index}`);
      const scores = new SeveralLabels(classes, golden.threshold);
      each.labels.forEach((labels, row) => {
        scores.add(new Set(labels), each.probabilities[row] ?? null);
      });
      const measured = scores.measure();
      assert.ok(measured !== null);
      const { metrics, curves } = measured;
      close(metrics.subsetAccuracy, each.subset, 'subset accuracy');
      close(metrics.hammingLoss, each.hamming, 'Hamming loss');
      for (const key of ['precision', 'recall', 'f1'] as const) {
        close(metrics.micro[key], each.scores.micro[key], `micro ${key}`);
        close(metrics.macro[key], each.scores.macro[key], `macro ${key}`);
        for (const found of metrics.classes)
          close(found[key], each.scores.None[key][found.index], found.label);
      }
      close(metrics.micro.averagePrecision, each.microAveragePrecision, 'micro average precision');
      close(metrics.micro.rocAuc, each.microAuc, 'micro ROC AUC');
      close(metrics.macro.averagePrecision, each.macroAveragePrecision, 'macro average precision');
      close(metrics.macro.rocAuc, each.macroAuc, 'macro ROC AUC');
      each.ranked.forEach((wanted, index) => {
        const found = curves(index);
        close(found?.auc ?? null, wanted?.auc ?? null, `ROC AUC ${index}`);
        close(
          found?.averagePrecision ?? null,
          wanted?.averagePrecision ?? null,
          `average precision ${index}`,
        );
        if (found === null || wanted === null) return;
        closeAll(found.roc.falsePositives, wanted.fpr, 'false positives');
        closeAll(found.roc.truePositives, wanted.tpr, 'true positives');
        closeAll(found.pr.recall, wanted.recall, 'recall');
        closeAll(found.pr.precision, wanted.precision, 'precision');
      });
    });
});

test('texts and lists name several labels, one, or none of them', async () => {
  assert.deepEqual(severalIn('cat | dog'), ['cat', 'dog']);
  assert.deepEqual(severalIn('|'), []);
  const folder = temporaryFolder('several');
  const lines = [['cat', 'dog'], ['cat'], [], 'dog', [1, 2], null].map((label, at) =>
    JSON.stringify({ path: `${at}.png`, label }),
  );
  writeFileSync(join(folder, 'a.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'a.csv'), 'path,label\n0.png,cat|dog\n1.png,|\n2.png,\n');
  const labels = async (name: string) => {
    const asked = {
      source: join(folder, name),
      labels: null,
      pathColumn: null,
      labelColumn: null,
      root: null,
    };
    return (await readSet(asked)).entries.map(({ label }) => label);
  };
  assert.deepEqual(await labels('a.jsonl'), ['cat|dog', 'cat', '|', 'dog', '1|2', null]);
  assert.deepEqual(await labels('a.csv'), ['cat|dog', '|', null]);
});

test('a summary counts the labels of each picture, and leaves out those without', () => {
  const head = {
    ...{ kind: 'multi', classes: ['cat', 'dog'], threshold: 0.5, layers: [], labelled: true },
    several: { cat: 0, Dog: 1 },
  } as unknown as TableHead;
  const maker = new SummaryMaker(head);
  const see = (label: string | null, probabilities: readonly number[]): void => {
    const row: Row = failedRow({ index: 0, path: 'x', label, labelIndex: null }, '');
    maker.see({ ...row, error: null, probabilities });
  };
  see('cat|Dog', [0.9, 0.8]);
  see('|', [0.1, 0.7]);
  see('cat', [0.6, 0.2]);
  see(null, [0.9, 0.9]);
  const { summary } = maker.summary();
  assert.equal(summary.metrics, null);
  assert.equal(summary.unmeasured, null);
  assert.equal(summary.several?.rows, 3);
  assert.equal(summary.several.subsetAccuracy, 2 / 3);
  assert.equal(summary.several.hammingLoss, 1 / 6);
  assert.equal(summary.several.micro.precision, 3 / 4);
});
