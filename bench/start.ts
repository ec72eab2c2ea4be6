/** `npm run bench start`: the command line in fresh processes, networks converted: wall time, its parts, peak memory. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../protocol/report';
import { projectRoot } from '../server/src/runtime/paths';
import { measureProcess } from './processes';
import { main } from './script';
import { table } from './table';

const PROCESSES = 7;

async function measure(): Promise<string> {
  const root = projectRoot();
  const cli = join(root, 'dist', 'cli.js');
  const output = await mkdtemp(join(tmpdir(), 'lens-start-'));
  const analysis = ['analyze', join(root, 'samples', 'portrait.png'), '--device', 'cpu', '-q', '--output'];
  const walls: number[] = [];
  const peaks: number[] = [];
  const node: number[] = [];
  const bundle: number[] = [];
  const steps = new Map<string, number[]>();
  try {
    await measureProcess(process.execPath, [cli, ...analysis, join(output, 'first')]); // converts, fills disk caches
    for (let i = 0; i < PROCESSES; i++) {
      node.push((await measureProcess(process.execPath, ['-e', '0'])).milliseconds);
      bundle.push((await measureProcess(process.execPath, [cli, '--version'])).milliseconds);
      const place = join(output, String(i));
      const { milliseconds, peakMb } = await measureProcess(process.execPath, [cli, ...analysis, place]);
      walls.push(milliseconds);
      peaks.push(peakMb);
      for (const { step, milliseconds: spent } of (await reportIn(place)).timings)
        steps.set(step, [...(steps.get(step) ?? []), spent]);
    }
  } finally {
    await rm(output, { recursive: true, force: true });
  }
  return [
    table('cold start, network converted', 'ms', [
      { name: 'process start to end', values: walls },
      { name: 'of which: Node alone', values: node },
      { name: 'Node and the bundle', values: bundle },
      ...[...steps].map(([name, values]) => ({ name: `step ${name}`, values })),
    ]),
    '',
    table('peak memory of that process', 'MB', [{ name: 'largest resident set', values: peaks }]),
  ].join('\n');
}

async function reportIn(output: string): Promise<Report> {
  const [name = ''] = await readdir(output);
  return JSON.parse(await readFile(join(output, name, 'result', 'report.json'), 'utf8')) as Report;
}

main(measure);
