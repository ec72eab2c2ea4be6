/**
 * `npm run bench:against -- <folder> [--only steps,explain,start] [--rounds 3] [--quick]`: another checkout's benches and ours, each run
 * by its own code, in turn, so that a slow minute of the machine meets both. The other one has to be built: `npm run build` there.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../server/src/system/paths';
import { figuresIn, type Figures } from './figures';
import { describeCode } from './machine';
import { cpuOfChildren } from './processes';
import { busy, main } from './script';
import { grid, median } from './table';

const { values } = parseArgs({
  options: {
    checkout: { type: 'string' },
    only: { type: 'string', default: 'steps,explain,start' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
  },
});

/** Rows that take less than this are noise. */
const LEAST = 1;

async function measure(): Promise<string> {
  const other = otherCheckout();
  const rounds = values.quick ? 1 : Number(values.rounds);
  const cache = await mkdtemp(join(tmpdir(), 'lens-against-'));
  try {
    const sections: string[] = [
      `Against ${describeCode(other)}; ${rounds} rounds, each bench run by the code of its own checkout, in turn. A ratio below 1 says that this ` +
        'code takes less.',
    ];
    for (const name of values.only.split(',')) sections.push(await compare(name, other, rounds, cache));
    return sections.join('\n\n');
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** @throws Error that says what is missing */
function otherCheckout(): string {
  if (values.checkout === undefined)
    throw new Error('Name the other checkout: npm run bench:against -- ../other');
  const folder = resolve(values.checkout);
  if (existsSync(join(folder, 'dist', 'cli.js'))) return folder;
  throw new Error(
    `${join(folder, 'dist', 'cli.js')} is missing: run \`npm run build\` in that checkout first.`,
  );
}

interface Ran {
  readonly figures: Figures;
  /** Of the bench and every process it started. */
  readonly cpuSeconds: number;
}

async function compare(name: string, other: string, rounds: number, cache: string): Promise<string> {
  const theirs: Ran[] = [];
  const ours: Ran[] = [];
  for (let round = 0; round < rounds; round++) {
    busy(`${name}, round ${round + 1} of ${rounds}`);
    const sides = [
      { runs: theirs, folder: other },
      { runs: ours, folder: projectRoot() },
    ];
    for (const { runs, folder } of round % 2 === 0 ? sides : sides.toReversed())
      runs.push(await run(name, folder, cache));
  }
  const keys = [...(ours[0]?.figures.keys() ?? [])].filter((key) =>
    [...theirs, ...ours].every(({ figures }) => (figures.get(key) ?? 0) >= LEAST),
  );
  const row = (what: string, of: (ran: Ran) => number): string[] => {
    const ratios = theirs.map((ran, i) => of(ours[i] ?? ran) / of(ran));
    const [before, after] = [theirs, ours].map((runs) => median(runs.map(of)).toFixed(1));
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
    return [what, before ?? '', after ?? '', median(ratios).toFixed(2), `${least} to ${most}`];
  };
  const rows = [
    ...keys.map((key) => row(key, ({ figures }) => figures.get(key) ?? NaN)),
    row('CPU seconds of the bench and all its processes', ({ cpuSeconds }) => cpuSeconds),
  ];
  return `### ${name}\n\n${grid(['row', 'theirs', 'ours', 'ours : theirs', 'round by round'], rows)}`;
}

/** @throws Error with what it said last, if the bench fails */
function run(name: string, folder: string, cache: string): Promise<Ran> {
  const before = cpuOfChildren();
  return new Promise((done, reject) => {
    const args = [
      '--import',
      'tsx',
      join(folder, 'bench', `${name}.ts`),
      ...(values.quick ? ['--quick'] : []),
    ];
    // Graphs are keyed by the code that made them, so both can share a cache.
    const env = { ...process.env, INFERENCE_LENS_CACHE: cache };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let markdown = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (markdown += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${folder}: ${name} ended with ${String(code)}: ${stderr}`));
      else done({ figures: figuresIn(markdown), cpuSeconds: cpuOfChildren() - before });
    });
  });
}

main(measure);
