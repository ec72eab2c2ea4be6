/**
 * `npm run bench editor [-- --against <folder>] [-- --only targets]`: from a command to verdict and first heatmap in a real VS Code, beside an
 * empty webview, and from a click to another target's heatmap, which `--only targets` measures alone.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { menuEntry, openSession, wholeReport } from '../test/e2e/extension/session';
import { writeFixture } from '../test/e2e/panel/fixture';
import { runCommand } from '../test/e2e/vscode/actions';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median, spread, table } from './table';
import { MANY_LAYERS, withManyLayers } from './workbench/large-report';
import { clickEntry, pressedAt, watch, webview, when } from './workbench/moments';
import { targetsLater } from './workbench/targets';

const { values } = parseArgs({
  options: { ...effortOptions, against: { type: 'string' }, only: { type: 'string' } },
});

const VERSION = '1.139';

/** Where the pictures of the workspace are copied from, by name. */
type Sources = Readonly<Record<string, string>>;

/** Milliseconds from the command. */
interface Moments {
  readonly verdict: number[];
  readonly heatmap: number[];
}

interface Side {
  readonly name: string;
  readonly extension: string;
  readonly sources: Sources;
  /** In the window's first run everything starts; in the others nothing does. */
  readonly cold: Moments;
  readonly warm: Moments;
}

const side = (name: string, extension: string, sources: Sources): Side => ({
  ...{ name, extension, sources },
  cold: { verdict: [], heatmap: [] },
  warm: { verdict: [], heatmap: [] },
});

const pictures = ['0.png', '1.png', '2.png'];

/** Pictures of one face that differ in their pixels, so that nothing of the one before answers for the next. */
async function writePictures(place: string): Promise<Sources> {
  const sources: Record<string, string> = {};
  for (const [index, name] of pictures.entries()) {
    const path = join(place, name);
    await sharp('samples/portrait.png')
      .modulate({ brightness: 1 - index / 20 })
      .toFile(path);
    sources[name] = path;
  }
  return sources;
}

const openWindow = async (
  { extension, sources }: Pick<Side, 'extension' | 'sources'>,
  machineSettings: Readonly<Record<string, unknown>> = {},
) => {
  // Reports go where they go unless one says otherwise.
  const settings = { 'inferenceLens.output': undefined, 'search.useIgnoreFiles': false };
  const place = { version: VERSION, extension, settings, machineSettings } as const;
  const session = await openSession({ ...place, files: pictures, sources });
  await watch(session.page);
  return session;
};

async function floorOf(floor: Side): Promise<void> {
  const { page, close } = await openWindow(floor);
  try {
    for (const [index, name] of pictures.entries()) {
      const start = await clickEntry(page, name, 'Open an Empty Webview');
      const shown = await when(await webview(page), 'shown');
      const { verdict } = index === 0 ? floor.cold : floor.warm;
      verdict.push(shown - start);
      await runCommand(page, 'View: Close All Editors');
    }
  } finally {
    await close();
  }
}

async function analyses(measured: Side, then: (page: Page, folder: string) => Promise<void>): Promise<void> {
  const { page, folder, close } = await openWindow(measured);
  try {
    for (const [index, name] of pictures.entries()) {
      const start = await clickEntry(page, name, menuEntry);
      const frame = await webview(page);
      const moments = index === 0 ? measured.cold : measured.warm;
      moments.verdict.push((await when(frame, 'verdict')) - start);
      moments.heatmap.push((await when(frame, 'heatmap')) - start);
      await wholeReport(frame);
      if (index === pictures.length - 1) await then(page, folder);
      await runCommand(page, 'View: Close All Editors');
    }
  } finally {
    await close();
  }
}

/** From the choice of its file to the verdict of a report of 3,000 layers. */
async function largeReport(page: Page, folder: string, times: number[]): Promise<void> {
  const result = join(folder, 'large_inference_x', 'result');
  await mkdir(result, { recursive: true });
  const report = withManyLayers(await writeFixture(result));
  await writeFile(join(result, 'report.json'), JSON.stringify(report));
  await runCommand(page, 'View: Close All Editors');
  await runCommand(page, 'Go to File...');
  const input = page.locator('.quick-input-widget:visible');
  await input.locator('.quick-input-box input').fill('large_inference_x/result/report.json');
  const row = input.locator('.monaco-list-row').filter({ hasText: 'large_inference_x' }).first();
  await row.waitFor();
  await row.click();
  const shown = await when(await webview(page), 'rows');
  times.push(shown - (await pressedAt(page)));
}

async function measure(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'lens-bench-editor-'));
  try {
    const sources = await writePictures(place);
    if (values.only === 'targets') return targets(await otherTargets(sources));
    if (values.only !== undefined) throw new Error(`--only expects targets; found "${values.only}".`);
    return await compare(sources);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function compare(sources: Sources): Promise<string> {
  const { repeats, quick } = effortOf(values, 3);
  const { against } = values;
  const floor = side('an empty webview', 'bench/workbench/empty', sources);
  const ours = side('this code', '.', sources);
  const other = against === undefined ? null : side(`the code in ${against}`, against, sources);
  const large: number[] = [];
  const rounds = async (round: number): Promise<void> => {
    busy(`round ${round} of ${repeats}`);
    await floorOf(floor);
    if (other) await analyses(other, () => Promise.resolve());
    await analyses(ours, (page, folder) => largeReport(page, folder, large));
  };
  if (!quick) {
    // What is made once and cached is not a part of a start.
    for (const { extension } of other ? [other, ours] : [ours])
      await analyses(side('before', extension, sources), () => Promise.resolve());
  }
  for (let round = 1; round <= repeats; round++) await rounds(round);
  const others = table(
    'a report from its file',
    'ms',
    [{ name: `a report of ${MANY_LAYERS} layers: verdict and rows`, values: large }],
    0,
  );
  const found = targets(await otherTargets(sources));
  return `${shares(floor, ours, other)}\n\n${others}\n\n${found}\n\nVS Code ${VERSION} in Chromium on the same machine. Time from the click on the menu's entry.`;
}

/** With `inferenceLens.computeAhead` as each window has it, in turn. */
type Ahead = Readonly<Record<'off' | 'on', number[]>>;

async function otherTargets(sources: Sources): Promise<Ahead> {
  const { repeats } = effortOf(values, 3);
  const times: Ahead = { off: [], on: [] };
  for (let round = 1; round <= repeats; round++)
    for (const ahead of ['off', 'on'] as const) {
      busy(`another target, computeAhead ${ahead}, round ${round} of ${repeats}`);
      const { page, close } = await openWindow(
        { extension: '.', sources },
        { 'inferenceLens.computeAhead': ahead },
      );
      try {
        times[ahead].push(...(await targetsLater(page, pictures)));
      } finally {
        await close();
      }
    }
  return times;
}

const targets = ({ off, on }: Ahead): string =>
  table(
    'in a report that is shown',
    'ms',
    [
      { name: 'another target: its heatmap', values: off },
      { name: 'the same, computed ahead', values: on },
    ],
    0,
  );

/** What each side takes, and how much of it is above the floor. */
function shares(floor: Side, ours: Side, other: Side | null): string {
  const rows = (['cold', 'warm'] as const).flatMap((state) =>
    (['verdict', 'heatmap'] as const).map((moment) => {
      const least = median(floor[state].verdict);
      const above = (which: Side): number => median(which[state][moment]) - least;
      return [
        `${state === 'cold' ? 'first in a window' : 'warm'}: ${moment === 'verdict' ? 'verdict' : 'first heatmap'}`,
        spread(floor[state].verdict),
        spread(ours[state][moment]),
        above(ours).toFixed(0),
        ...(other
          ? [spread(other[state][moment]), above(other).toFixed(0), (above(ours) / above(other)).toFixed(2)]
          : []),
      ];
    }),
  );
  const head = ['from the command, ms', floor.name, ours.name, 'above it'];
  return grid(other ? [...head, other.name, 'above it', 'ratio'] : head, rows);
}

main(measure);
