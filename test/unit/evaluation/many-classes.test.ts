/** Sets of hundreds of classes: what is shown of them is what has the most pictures, and says of how many it is. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FILES, Place } from '../../../server/src/evaluation/place';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { OpenTables } from '../../../server/src/evaluation/shown/open';
import { SummaryMaker, summaryOf } from '../../../server/src/evaluation/summary/summary';
import { parseRow, rowLine, withoutProbabilities } from '../../../server/src/evaluation/table/journal';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { writeTable } from '../../../server/src/evaluation/write-table';
import { temporaryFolder } from '../../support/temp';

const root = temporaryFolder('many-classes');
const COUNT = 44;
const classes = Array.from({ length: COUNT }, (_, i) => `class ${String(i).padStart(2, '0')}`);
const HEAD = {
  ...{ kind: 'single', classes, threshold: null, layers: ['conv'], labelled: true },
  ...{ device: 'cpu', model: { name: 'm', architecture: 'a', sha256: '0'.repeat(64) } },
} as unknown as TableHead;

/** Class i has i + 1 pictures, whose verdicts are right, or the class behind in every third. */
function* rows(): Generator<Row> {
  let index = 0;
  for (const [label, name] of classes.entries()) {
    for (let i = 0; i <= label; i++) {
      const predicted = i % 3 === 2 ? (label + 1) % COUNT : label;
      const grid = Array.from({ length: 64 }, (_, at) => (at === label ? 1 : 0));
      yield {
        ...failedRow({ index: index++, path: `${name}/${i}.png`, label: name, labelIndex: label }, ''),
        ...{ predicted: classes[predicted] ?? '', predictedIndex: predicted, confidence: 0.5, error: null },
        ...{ correct: predicted === label, loss: 1 },
        probabilities: classes.map((_, at) => (at === predicted ? 0.5 : 0.5 / (COUNT - 1))),
        heat: [{ x: 0, y: 0, border: 0, box: null, face: null, mask: null, grid }],
      };
    }
  }
}

async function written(head: TableHead, change: (row: Row) => Row) {
  const maker = new SummaryMaker(head);
  for (const row of rows()) maker.see(change(row));
  const folder = mkdtempSync(join(root, 'o-'));
  await maker.write(folder);
  const chart = (name: string): string => readFileSync(join(folder, 'charts', name), 'utf8');
  return { chart, summary: maker.summary().summary };
}

test('charts show the classes with the most pictures, and say so themselves', async () => {
  const { chart, summary } = await written(HEAD, (row) => row);
  for (const name of ['roc.svg', 'pr.svg']) {
    assert.match(chart(name), />the 8 of 44 classes</, name);
    assert.match(chart(name), />class 43 \(A/, name);
    assert.doesNotMatch(chart(name), />class 00 \(A/, name);
  }
  assert.match(chart('confusion.svg'), />the 40 classes with the most pictures, of 44</);
  assert.doesNotMatch(chart('confusion.svg'), />class 03</);
  const [layer] = summary.layers;
  assert.equal(layer?.labels, COUNT);
  const named = layer.mean.map(({ name }) => name);
  assert.deepEqual(named, ['all', 'right', 'wrong', ...classes.slice(24).map((name) => `label ${name}`)]);
  assert.match(chart('heat-1.svg'), />Of labels: the 20 labels with the most pictures, of 44</);
});

test('curves of several labels are of the classes with the most pictures, too', async () => {
  const several = Object.fromEntries(classes.map((name, index) => [name, index]));
  const { chart } = await written({ ...HEAD, kind: 'multi', threshold: 0.4, several }, (row) => row);
  assert.match(chart('roc.svg'), />class 43 \(A/);
  assert.match(chart('roc.svg'), />the 8 of 44 classes</);
});

test('a row is read without its probabilities, whatever its texts hold', () => {
  const texts = ['a/b.png', '"probabilities":[1,2]', '\\"probabilities":[', '],"probabilities":[', 'ü\n]'];
  for (const row of rows()) {
    if (row.index === texts.length) break;
    const label = texts[row.index] ?? '';
    const full: Row = { ...row, path: label, label, warnings: [label], probabilities: [0.25, NaN, 0.75] };
    const short = withoutProbabilities(rowLine(full));
    assert.ok(!short.includes('0.25'));
    assert.deepEqual(parseRow(short), { ...full, probabilities: null });
    const none = rowLine({ ...full, probabilities: null });
    assert.equal(withoutProbabilities(none), none);
  }
});

test('a view reads brief rows, and shows the same as from all of them', async () => {
  const output = mkdtempSync(join(root, 'brief-'));
  const part = {
    head: { ...HEAD, version: 1, lens: [], set: { count: 0, sha256: '' } } as unknown as TableHead,
    shard: null,
  };
  const [place, journal] = [new Place(output, part), join(output, 'journal')];
  writeFileSync(journal, [...rows()].map(rowLine).join(''));
  await writeTable(place, part, journal, null, summaryOf(part));
  const folder = place.final;
  const [brief, all] = [FILES.brief, FILES.rows].map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.ok(brief !== undefined && all !== undefined);
  const probability = String(0.5 / (COUNT - 1));
  assert.ok(all.includes(probability) && !brief.includes(probability));
  const opened = async () => {
    const tables = new OpenTables();
    const { table } = await tables.of(folder);
    return [await tables.open(folder), await table.row(COUNT), await table.probabilities(3)] as const;
  };
  const shown = await opened();
  assert.equal(shown[0].columns.path.length, (COUNT * (COUNT + 1)) / 2);

  // What is read are the brief ones, unless they were made from other rows.
  const other = brief.replace('class 00/0.png', 'other 00/0.png');
  writeFileSync(join(folder, FILES.brief), other);
  assert.equal((await opened())[0].columns.path[0], 'other 00/0.png');
  writeFileSync(
    join(folder, FILES.brief),
    other.replace(/\d+/, (bytes) => String(Number(bytes) + 1)),
  );
  assert.deepEqual(await opened(), shown);
  rmSync(join(folder, FILES.brief));
  assert.deepEqual(await opened(), shown);
});
