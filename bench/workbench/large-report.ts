/** A report of 3,000 layers, to see what becomes slow with their number, and how long it takes to open beside a file whose editor shows nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Report } from '../../protocol/report';
import type { Range, Real } from '../../protocol/report-values';
import { toJson } from '../../server/src/report/json';
import { writeFixture } from '../../test/e2e/panel/fixture';
import { openFile, runCommand } from '../../test/e2e/vscode/actions';
import { grid, median, spread } from '../table';
import { pressedAt, webview, when, type Moment } from './moments';

export const MANY_LAYERS = 3000;

function scaled({ mean, std, min, max }: Range, by: number): Range {
  const of = (value: Real): Real => (typeof value === 'number' ? value / (1 + by / MANY_LAYERS) : value);
  return { mean: of(mean), std: of(std), min: of(min), max: of(max) };
}

/** The layers of a report again and again, with names of their own. */
export function withManyLayers(report: Report): Report {
  const { layers } = report;
  const many = Array.from({ length: MANY_LAYERS }, (_, i) => {
    const layer = layers[i % layers.length];
    if (!layer) throw new Error('The report has no layers.');
    const stage = Math.floor(i / layers.length);
    // Numbers of its own, as in the file of a network.
    const activation = { ...layer.activation, ...scaled(layer.activation, stage) };
    const heatmaps = layer.heatmaps.map((heatmap) => ({ ...heatmap, cam: scaled(heatmap.cam, stage) }));
    return { ...layer, activation, heatmaps, name: `stage${stage}.${layer.name}` };
  });
  return { ...report, layers: many };
}

/** A file of the workspace, and milliseconds from its choice until its editor shows what it is to show. */
interface Opened {
  readonly name: string;
  readonly file: string;
  readonly moment: Moment;
  readonly times: number[];
}

export interface FromFiles {
  readonly empty: Opened;
  readonly reports: readonly Opened[];
}

export const fromFiles = (): FromFiles => ({
  empty: { name: 'an empty webview', file: 'nothing.empty', moment: 'shown', times: [] },
  reports: ['few', 'many'].map((name) => ({
    name: name === 'few' ? 'a report of the usual size' : `a report of ${MANY_LAYERS} layers`,
    ...{ file: `${name}_inference_x/result/report.json`, moment: 'rows', times: [] },
  })),
});

export async function writeFiles(folder: string, { empty, reports }: FromFiles): Promise<void> {
  await writeFile(join(folder, empty.file), '');
  for (const [index, { file }] of reports.entries()) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    const few = await writeFixture(dirname(path));
    await writeFile(path, toJson(index === 0 ? few : withManyLayers(few)));
  }
}

/** Opens each file in turn; the first time of each, with which its extension starts, does not count. */
export async function openInTurn(page: Page, { empty, reports }: FromFiles, rounds: number): Promise<void> {
  for (let round = 0; round <= rounds; round++)
    for (const { file, moment, times } of [empty, ...reports]) {
      await openFile(page, file);
      const shown = await when(await webview(page), moment);
      if (round > 0) times.push(shown - (await pressedAt(page)));
      await runCommand(page, 'View: Close All Editors');
    }
}

export function fromFilesTable({ empty, reports }: FromFiles): string {
  const least = median(empty.times);
  const rows = [empty, ...reports].map(({ name, times }) => [
    ...[name, spread(times), times === empty.times ? '' : (median(times) - least).toFixed(0)],
  ]);
  return grid(
    [`from the choice of a file (n = ${empty.times.length}), ms`, 'until it is shown', 'above it'],
    rows,
  );
}
