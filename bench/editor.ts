/**
 * `npm run bench editor [-- --against <folder>] [-- --only files|targets]`: in a real VS Code, from a command to verdict and first heatmap, and
 * from the choice of a file to a report of 3,000 layers, each beside an empty webview; from a click to another target's heatmap. `--only` measures one of the last two alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { menuEntry, openSession, wholeReport, type SessionOptions } from '../test/e2e/extension/session';
import { runCommand } from '../test/e2e/vscode/actions';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median, spread, table } from './table';
import { fromFiles, fromFilesTable, openInTurn, writeFiles } from './workbench/large-report';
import { clickEntry, watch, webview, when } from './workbench/moments';
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
  place: Pick<Side, 'extension' | 'sources'> & Pick<SessionOptions, 'beside'>,
  machineSettings: Readonly<Record<string, unknown>> = {},
) => {
  // Reports go where they go unless one says otherwise.
  const settings = { 'inferenceLens.output': undefined, 'search.useIgnoreFiles': false };
  const session = await openSession({
    ...{ version: VERSION, settings, machineSettings, files: pictures },
    ...place,
  });
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

async function analyses(measured: Side): Promise<void> {
  const { page, close } = await openWindow(measured);
  try {
    for (const [index, name] of pictures.entries()) {
      const start = await clickEntry(page, name, menuEntry);
      const frame = await webview(page);
      const moments = index === 0 ? measured.cold : measured.warm;
      moments.verdict.push((await when(frame, 'verdict')) - start);
      moments.heatmap.push((await when(frame, 'heatmap')) - start);
      await wholeReport(frame);
      await runCommand(page, 'View: Close All Editors');
    }
  } finally {
    await close();
  }
}

/** Files that are opened in a window where nothing else happens. */
async function files(): Promise<string> {
  const { repeats } = effortOf(values, 3);
  const opened = fromFiles();
  busy('files');
  const { page, folder, close } = await openWindow({
    ...{ extension: '.', beside: ['bench/workbench/empty'], sources: {} },
  });
  try {
    await writeFiles(folder, opened);
    await openInTurn(page, opened, 3 * repeats);
  } finally {
    await close();
  }
  return fromFilesTable(opened);
}

async function measure(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'lens-bench-editor-'));
  try {
    const sources = await writePictures(place);
    if (values.only === 'targets') return targets(await otherTargets(sources));
    if (values.only === 'files') return await files();
    if (values.only !== undefined)
      throw new Error(`--only expects files or targets; found "${values.only}".`);
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
  const rounds = async (round: number): Promise<void> => {
    busy(`round ${round} of ${repeats}`);
    await floorOf(floor);
    if (other) await analyses(other);
    await analyses(ours);
  };
  if (!quick) {
    // What is made once and cached is not a part of a start.
    for (const { extension } of other ? [other, ours] : [ours])
      await analyses(side('before', extension, sources));
  }
  for (let round = 1; round <= repeats; round++) await rounds(round);
  const found = targets(await otherTargets(sources));
  return `${shares(floor, ours, other)}\n\n${await files()}\n\n${found}\n\nVS Code ${VERSION} in Chromium on the same machine. Time from the click on the menu's entry.`;
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
