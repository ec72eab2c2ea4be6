/** `npm run bench start`: the command line in fresh processes, networks converted: wall time, its parts, peak memory. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../protocol/report';
import { projectRoot } from '../server/src/system/paths';
import { heldAtPeak } from './mappings';
import { measureProcess, measuredEnvironment } from './processes';
import { main, readEffort } from './script';
import { grid, table } from './table';

const cases = [
  ['the box is given', ['--box', '200,120,440,420']],
  ['BlazeFace', ['--detector', 'blazeface']],
] as const;

async function measure(): Promise<string> {
  const { repeats } = readEffort(7);
  const output = await mkdtemp(join(tmpdir(), 'lens-start-'));
  try {
    const sections: string[] = [];
    for (const [name, options] of cases) sections.push(await coldStarts(name, options, output, repeats));
    return sections.join('\n\n');
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function coldStarts(
  name: string,
  options: readonly string[],
  output: string,
  repeats: number,
): Promise<string> {
  const root = projectRoot();
  const cli = join(root, 'dist', 'cli.js');
  const command = (place: string): readonly string[] => [
    ...[
      cli,
      'analyze',
      join(root, 'samples', 'portrait.png'),
      '--weights',
      'demo',
      '--device',
      'cpu',
      '-q',
      ...options,
    ],
    ...['--output', place],
  ];
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
