/** `npm run bench evaluation-view`: opening and scrolling an evaluation of 10,000 pictures in Chromium, from the built page, and what axe finds there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedEvaluation } from '../protocol/evaluation';
import type { PartHead } from '../server/src/evaluation/head';
import { Place } from '../server/src/evaluation/place';
import type { Row, TableHead } from '../server/src/evaluation/row';
import { OpenTables } from '../server/src/evaluation/shown/open';
import { summaryOf } from '../server/src/evaluation/summary/summary';
import { rowLine } from '../server/src/evaluation/table/journal';
import { failedRow } from '../server/src/evaluation/verdict';
import { writeTable } from '../server/src/evaluation/write-table';
import { openPanel } from '../test/e2e/panel/page';
import { startChromium } from '../test/e2e/vscode/launch';
import { Random } from './fuzz/random';
import { main, readEffort } from './script';
import { table } from './table';
import { opening, scrolling } from './workbench/painting';

const ROWS = 10_000;
const CLASSES = ['cat', 'dog', 'bird', 'fish'];

async function measure(): Promise<string> {
  const { repeats } = readEffort(5);
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-view-'));
  const browser = await startChromium();
  try {
    const place = await written(folder);
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const [read, open, mean, longest]: [number[], number[], number[], number[]] = [[], [], [], []];
    let [found, tiles] = ['', 0];
    for (let run = 0; run < repeats; run++) {
      const start = performance.now();
      const evaluation: OpenedEvaluation = await new OpenTables().open(place);
      read.push(performance.now() - start);
      const panel = await openPanel(browser, {
        theme: 'dark',
        width: 1440,
        height: 900,
        folder,
        bundle: 'evaluation',
      });
      const timings = {
        name: 'set',
        evaluation,
        charts: [],
        notes: [],
        pictures: { is: 'unknown' },
        again: false,
      };
      open.push(await panel.page.evaluate<number>(opening({ type: 'opened', ...timings }, '.tile')));
      const seen = await panel.page.evaluate<readonly [number, number, number]>(scrolling('.tile'));
      longest.push(seen[0]);
      mean.push(seen[1]);
      tiles = Math.max(tiles, seen[2]);
      if (run === 0) {
        await panel.page.evaluate(axe);
        found = await panel.page.evaluate<string>(violations);
      }
      await panel.close();
    }
    const samples = [
      { name: 'the server reads the table and the summary', values: read },
      { name: 'the page has the message, until its tiles are painted', values: open },
      { name: 'scroll: mean time of a frame', values: mean },
      { name: 'scroll: longest frame', values: longest },
    ];
    return `${table(`an evaluation of ${ROWS} pictures`, 'ms', samples)}\n\nAt most ${tiles} tiles are in the page. axe finds: ${found === '' ? 'nothing' : found}.`;
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

/** Rows as a network that is right in four of five cases gives them. @returns the evaluation's folder */
async function written(folder: string): Promise<string> {
  const head: TableHead = {
    version: 1,
    ...{
      software: 'bench',
      kind: 'single',
      device: 'cpu',
      lens: [],
      classes: CLASSES,
      threshold: null,
    },
    ...{ target: 'pred', layers: [], method: null, attentionBox: null, attentionMask: false, labelled: true },
    model: { name: 'bench', sha256: '0'.repeat(64), architecture: 'bench' },
    set: { count: ROWS, sha256: '0'.repeat(64) },
  };
  const part: PartHead = { head, shard: null };
  const place = new Place(folder, part);
  const random = new Random(1, 0);
  const lines = Array.from({ length: ROWS }, (_, index) => rowLine(rowOf(index, random)));
  const rows = join(folder, 'rows.jsonl');
  await writeFile(rows, lines.join(''));
  await writeTable(place, part, rows, null, summaryOf(part));
  return place.final;
}

function rowOf(index: number, random: Random): Row {
  const [label, isRight] = [index % CLASSES.length, random.below(5) > 0];
  const predicted = isRight ? label : (label + 1) % CLASSES.length;
  const confidence = 0.5 + random.below(1000) / 2002;
  const probabilities = CLASSES.map((_, at) => (at === predicted ? confidence : (1 - confidence) / 3));
  const name = CLASSES[label] ?? '';
  const hex = () =>
    random
      .below(2 ** 16)
      .toString(16)
      .padStart(4, '0');
  return {
    ...failedRow(
      { index, path: `${name}/${String(index).padStart(5, '0')}.jpg`, label: name, labelIndex: label },
      '',
    ),
    ...{
      sha256: String(index).padStart(64, '0'),
      dhash: hex() + hex() + hex() + hex(),
      width: 640,
      height: 480,
    },
    ...{ view: [0, 0, 1, 1], predicted: CLASSES[predicted] ?? '', predictedIndex: predicted, confidence },
    ...{ correct: isRight, loss: -Math.log(probabilities[label] ?? 1), probabilities, error: null },
  };
}

const violations = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ' (' + nodes.length + '): ' + nodes[0].target).join('; '))`;

main(measure);
