/** What an evaluation holds for each picture until its end: tens of bytes, since sets have a hundred thousand. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Matrix, Names } from '../../../server/src/evaluation/compact';
import { setOfManifest } from '../../../server/src/evaluation/labels/manifest';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { SummaryMaker } from '../../../server/src/evaluation/summary/summary';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { temporaryFolder } from '../../support/temp';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

function heldBytes(): number {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const CLASSES = ['a', 'b', 'c'];
const HEAD = {
  ...{ kind: 'single', classes: CLASSES, threshold: null, layers: [], labelled: true },
  ...{ device: 'cpu', model: { name: 'm', architecture: 'a', sha256: '0'.repeat(64) } },
} as unknown as TableHead;

function rowOf(index: number): Row {
  const label = index % CLASSES.length;
  const hash = (Math.imul(index + 1, 2654435761) >>> 0).toString(16).padStart(8, '0');
  return {
    ...failedRow(
      { index, path: `photographs/${index}.jpg`, label: CLASSES[label] ?? '', labelIndex: label },
      '',
    ),
    ...{ predicted: 'a', predictedIndex: 0, confidence: 0.5, error: null, correct: label === 0, loss: 1 },
    ...{ probabilities: [0.5, 0.3, 0.2], sha256: `${index}`, dhash: hash + hash },
  };
}

test('a summary holds less than 200 bytes of a row', () => {
  const maker = new SummaryMaker(HEAD);
  const see = (from: number, to: number): void => {
    for (let index = from; index < to; index++) maker.see(rowOf(index));
  };
  see(0, 5_000);
  const before = heldBytes();
  see(5_000, 15_000);
  const bytes = (heldBytes() - before) / 10_000;
  assert.ok(bytes < 200, `${bytes} bytes`);
  assert.equal(maker.summary().summary.metrics?.rows, 15_000);
});

for (const kind of ['csv', 'jsonl'] as const) {
  test(`a list of pictures in a .${kind} holds less than 200 bytes of each`, async () => {
    const manifest = join(temporaryFolder('held'), `set.${kind}`);
    const listing = (rows: number): string => {
      const pictures = Array.from({ length: rows }, (_, i) => [
        `class_${i % 3}/picture_${i}.png`,
        `class_${i % 3}`,
      ]);
      return kind === 'csv'
        ? ['path,label', ...pictures.map((row) => row.join(','))].join('\n')
        : pictures.map(([path, label]) => JSON.stringify({ path, label })).join('\n');
    };
    const options = { pathColumn: null, labelColumn: null, pattern: null, labelled: true, root: null };
    writeFileSync(manifest, listing(100));
    await setOfManifest(manifest, options);
    writeFileSync(manifest, listing(10_000));
    const before = heldBytes();
    const { entries } = await setOfManifest(manifest, options);
    const bytes = (heldBytes() - before) / entries.length;
    assert.ok(bytes < 200, `${bytes} bytes`);
    assert.deepEqual(
      [entries.length, entries[9_998]?.file, entries[9_998]?.label],
      [10_000, join(dirname(manifest), 'class_2', 'picture_9998.png'), 'class_2'],
    );
  });
}

test('names and rows of numbers come back as they were', () => {
  const [names, matrix] = [new Names(), new Matrix(3)];
  const texts = ['a/b.png', 'ü/中.png', '\ud800 half a pair', '', 'x'.repeat(300_000), 'last'];
  const numbers = [...texts, 'last'].map((text) => names.add(text));
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 5]);
  assert.deepEqual(
    texts.map((_, at) => names.at(at)),
    texts,
  );
  for (let row = 0; row < 30_000; row++) matrix.push([row, -row, row / 2]);
  assert.deepEqual([...matrix.row(29_999)], [29_999, -29_999, 14_999.5]);
  assert.deepEqual([...matrix.column(2).subarray(25_000, 25_002)], [12_500, 12_500.5]);
});
