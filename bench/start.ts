/**
 * `npm run bench start [-- --against ../other]`: the command line in fresh processes, networks converted: wall time, its parts, peak
 * memory. With another built checkout, only the whole of it, start by start in turn: minutes of a machine differ by more than versions do.
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '../protocol/report';
import { projectRoot } from '../server/src/system/paths';
import { heldAtPeak } from './mappings';
import { describeCode } from './machine';
import { cpuOfChildren, measureProcess, measuredEnvironment } from './processes';
import { effortOf, effortOptions, main } from './script';
import { grid, ratios, spread, table } from './table';
import { inTurn } from './turns';

const { values } = parseArgs({ options: { ...effortOptions, against: { type: 'string' } } });

const cases = [
  ['the box is given', ['--box', '200,120,440,420']],
  ['BlazeFace', ['--detector', 'blazeface']],
] as const;

async function measure(): Promise<string> {
  const { repeats } = effortOf(values, 7);
  const output = await mkdtemp(join(tmpdir(), 'lens-start-'));
  try {
    if (values.against !== undefined) return await beside(resolve(values.against), output, repeats);
    const sections: string[] = [];
    for (const [name, options] of cases) sections.push(await coldStarts(name, options, output, repeats));
    return sections.join('\n\n');
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

const cliIn = (root: string): string => join(root, 'dist', 'cli.js');

const commandOf = (root: string, options: readonly string[], place: string): readonly string[] => [
  ...[
    cliIn(root),
    'analyze',
    join(root, 'samples', 'portrait.png'),
    '--weights',
    'demo',
    '--device',
    'cpu',
    '-q',
  ],
  ...options,
  ...['--output', place],
];

/** @param other a checkout that is built */
async function beside(other: string, output: string, repeats: number): Promise<string> {
  const rows: string[][] = [];
  for (const [name, options] of cases) {
    const cpu: [number[], number[]] = [[], []];
    const walls = await inTurn(
      [other, projectRoot()].map((root, side) => ({
        name: root,
        run: async () => {
          const before = cpuOfChildren();
          const place = join(output, name, String(side), String(cpu[side]?.length));
          const { milliseconds } = await measureProcess(process.execPath, commandOf(root, options, place));
          cpu[side]?.push((cpuOfChildren() - before) * 1000);
          return milliseconds;
        },
      })),
      repeats,
    );
    for (const [unit, sides] of [
      ['ms', walls],
      ['ms of CPU time', cpu.map((all) => all.slice(-repeats))],
    ] as const) {
      const [theirs = [], ours = []] = sides;
      rows.push([
        `${name}: process start to end, ${unit}`,
        spread(theirs),
        spread(ours),
        ratios(ours, theirs),
      ]);
    }
  }
  return [
    `Beside ${describeCode(other)}, ${repeats} starts of each in turn. A ratio below 1 says that this code takes less.`,
    '',
    grid(['cold start, network converted', 'theirs', 'ours', 'ours : theirs, pair by pair'], rows),
  ].join('\n');
}

async function coldStarts(
  name: string,
  options: readonly string[],
  output: string,
  repeats: number,
): Promise<string> {
  const cli = cliIn(projectRoot());
  const command = (place: string): readonly string[] => commandOf(projectRoot(), options, place);
  const walls: number[] = [];
  const peaks: number[] = [];
  const node: number[] = [];
  const bundle: number[] = [];
  const steps = new Map<string, number[]>();
  await measureProcess(process.execPath, command(join(output, name, 'first'))); // converts, fills disk caches
  for (let i = 0; i < repeats; i++) {
    node.push((await measureProcess(process.execPath, ['-e', '0'])).milliseconds);
    bundle.push((await measureProcess(process.execPath, [cli, '--version'])).milliseconds);
    const place = join(output, name, String(i));
    const { milliseconds, peakMb } = await measureProcess(process.execPath, command(place));
    walls.push(milliseconds);
    peaks.push(peakMb);
    for (const { step, milliseconds: spent } of (await reportIn(place)).timings)
      steps.set(step, [...(steps.get(step) ?? []), spent]);
  }
  const held = await heldAtPeak(process.execPath, command(join(output, name, 'held')), measuredEnvironment());
  return [
    `### ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`,
    '',
    table('cold start, network converted', 'ms', [
      { name: 'process start to end', values: walls },
      { name: 'of which: Node alone', values: node },
      { name: 'Node and the bundle', values: bundle },
      ...[...steps].map(([step, values]) => ({ name: `step ${step}`, values })),
    ]),
    '',
    table('peak memory of that process', 'MB', [{ name: 'largest resident set', values: peaks }]),
    ...(held.length === 0
      ? []
      : [
          '',
          grid(
            ['held in (one process, when it held most)', 'MB'],
            held.slice(0, 7).map(({ name: of, mb }) => [of, mb.toFixed(0)]),
          ),
        ]),
  ].join('\n');
}

async function reportIn(output: string): Promise<Report> {
  const [name = ''] = await readdir(output);
  return JSON.parse(await readFile(join(output, name, 'result', 'report.json'), 'utf8')) as Report;
}

main(measure);
