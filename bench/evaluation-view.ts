/**
 * `npm run bench evaluation-view [-- --classes 4,1000,10000 --rows 10000]`: opening and scrolling an evaluation in Chromium, from the built page with its
 * charts, while pictures arrive for the tiles in view, and what axe finds there. `--keep <dir>` leaves the evaluations there, and
 * opens those that are there already.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
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
import { busy, effortOf, effortOptions, main } from './script';
import { table } from './table';
import { opening, scrolling } from './workbench/painting';

const { values } = parseArgs({
  options: {
    ...effortOptions,
    ...{ classes: { type: 'string', default: '4,1000' }, rows: { type: 'string', default: '10000' } },
    keep: { type: 'string' },
  },
});
const ROWS = Number(values.rows);

async function measure(): Promise<string> {
  const { repeats } = effortOf(values, 5);
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const browser = await startChromium();
  const parts: string[] = [];
  try {
    for (const count of values.classes.split(',').map(Number)) {
      busy(`${count} classes`);
      parts.push(await inFolder(count, (folder) => measured(browser, folder, count, repeats, axe)));
    }
    return parts.join('\n\n');
  } finally {
    await browser.close();
  }
}

async function inFolder(count: number, work: (folder: string) => Promise<string>): Promise<string> {
  if (values.keep !== undefined) {
    const folder = join(values.keep, String(count));
    await mkdir(folder, { recursive: true });
    return work(folder);
  }
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-view-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measured(
  browser: Browser,
  folder: string,
  count: number,
  repeats: number,
  axe: string,
): Promise<string> {
  const start = performance.now();
  const place = await written(folder, count);
  busy(`written in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  const [read, shown, mean, longest]: [number[], number[], number[], number[]] = [[], [], [], []];
  let [found, tiles] = ['', 0];
  for (let run = 0; run < repeats; run++) {
    const start = performance.now();
    const evaluation: OpenedEvaluation = await new OpenTables().open(place);
    read.push(performance.now() - start);
    const panel = await openPanel(browser, {
      ...{ theme: 'dark', width: 1440, height: 900, folder: place, bundle: 'evaluation' },
    });
    const charts = evaluation.summary.charts.map(({ file, title }) => ({
      title,
      address: `${panel.base}/charts/${file}`,
    }));
    const opened = { type: 'opened', name: 'set', evaluation, charts, notes: [], again: false };
    await panel.page.evaluate(answering);
    const pictures = { is: 'shown', root: '/set' };
    shown.push(await panel.page.evaluate<number>(opening(JSON.stringify({ ...opened, pictures }), '.tile')));
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
    { name: 'the page has the message, until its tiles are painted', values: shown },
    { name: 'scroll: mean time of a frame', values: mean },
    { name: 'scroll: longest frame', values: longest },
  ];
  return `${table(`${ROWS} pictures, ${count} classes`, 'ms', samples)}\n\nAt most ${tiles} tiles are in the page. axe finds: ${found === '' ? 'nothing' : found}.`;
}

/** In the page: every picture that it requests arrives a moment later, as from the extension. */
const answering = `{
  const pixels = btoa(String.fromCharCode(...Array.from({ length: 128 * 96 * 3 }, (_, i) => (i * 7919) % 256)));
  const picture = { width: 128, height: 96, pixels, grid: null };
  let rows = [];
  let layer = null;
  const push = window.received.push.bind(window.received);
  window.received.push = (message) => {
    if (message.type === 'wantPictures') {
      rows = [...message.rows];
      layer = message.layer;
    }
    return push(message);
  };
  setInterval(() => {
    if (rows.length > 0) window.postMessage({ type: 'picture', row: rows.shift(), layer, picture, failure: null });
  }, 5);
}`;

/** Rows as a network that is right in four of five cases gives them. @returns the evaluation's folder */
async function written(folder: string, count: number): Promise<string> {
  const classes = Array.from({ length: count }, (_, i) => `class ${i}`);
  const head: TableHead = {
    version: 1,
    ...{
      software: 'bench',
      kind: 'single',
      device: 'cpu',
      lens: [],
      classes,
      threshold: null,
    },
    ...{ target: 'pred', layers: [], method: null, attentionBox: null, attentionMask: false, labelled: true },
    model: { name: 'bench', sha256: '0'.repeat(64), architecture: 'bench' },
    set: { count: ROWS, sha256: '0'.repeat(64) },
  };
  const part: PartHead = { head, shard: null };
  const place = new Place(folder, part);
  if (existsSync(place.final)) return place.final;
  const random = new Random(1, 0);
  const rows = join(folder, 'rows.jsonl');
  const file = await open(rows, 'w');
  try {
    for (let index = 0; index < ROWS; index++) await file.write(rowLine(rowOf(index, random, classes)));
  } finally {
    await file.close();
  }
  await writeTable(place, part, rows, null, summaryOf(part));
  return place.final;
}

function rowOf(index: number, random: Random, classes: readonly string[]): Row {
  const count = classes.length;
  const [label, isRight] = [index % count, random.below(5) > 0];
  const predicted = isRight ? label : (label + 1 + random.below(Math.min(count - 1, 20))) % count;
  const confidence = 0.5 + random.below(1000) / 2002;
  // With more than a thousand classes, digits would make gigabytes.
  const others = Array.from(classes, () => (count > 1000 ? 1 : random.below(1e6) + 1));
  const sum = others.reduce((all, each) => all + each, 0) - (others[predicted] ?? 0);
  const share = count > 1000 ? Number(((1 - confidence) / sum).toPrecision(2)) : (1 - confidence) / sum;
  const probabilities = others.map((each, at) => (at === predicted ? confidence : share * each));
  const name = classes[label] ?? '';
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
    ...{ view: [0, 0, 1, 1], predicted: classes[predicted] ?? '', predictedIndex: predicted, confidence },
    ...{ correct: isRight, loss: -Math.log(probabilities[label] ?? 1), probabilities, error: null },
  };
}

const violations = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ' (' + nodes.length + '): ' + nodes[0].target).join('; '))`;

main(measure);
