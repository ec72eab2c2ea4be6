/** `npm run bench [name...] [-- options]`: runs benches one after another, each in a process of its own, and writes their sections of RESULTS.md. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../server/src/system/paths';
import type { Bench } from './benches';
import { benches, findBench, listing } from './benches';
import { describeCode, describeMachine } from './machine';
import { withSection } from './results';

const root = projectRoot();
const page = join(root, 'bench', 'RESULTS.md');

const usage = `npm run bench [name...] [-- options]

Without a name: those that need neither Python, browser nor GPU, in a few minutes. Options go to the bench; most take
  --repeats <n>   measurements of each thing
  --quick         to see that it works: figures are printed, RESULTS.md stays as it is

${listing()}`;

async function main(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['--list', '--help', '-h'].includes(word))) {
    console.log(usage);
    return 0;
  }
  const first = words.findIndex((word) => word.startsWith('-'));
  const names = first < 0 ? words : words.slice(0, first);
  const options = first < 0 ? [] : words.slice(first);
  const chosen =
    names.length === 0 ? benches.filter(({ byDefault }) => byDefault) : names.map((name) => findBench(name));
  const began = performance.now();
  console.log(`${describeMachine()}\n${describeCode()}\n`);
  let failed = 0;
  for (const bench of chosen) if (!(await runBench(bench, options))) failed++;
  console.log(
    `${chosen.length} of ${benches.length} benches in ${elapsed(began)}${failed > 0 ? `, ${failed} failed` : ''}.`,
  );
  return failed > 0 ? 1 : 0;
}

const scriptOf = ({ name }: Bench): string => join(root, 'bench', `${name}.ts`);

/** A process of its own, so that no bench inherits the heap, the threads or the warm caches of the one before. */
async function runBench(bench: Bench, options: readonly string[]): Promise<boolean> {
  const { name, about } = bench;
  console.log(`${name}: ${about}`);
  const code = describeCode(); // before it runs: the sources may change meanwhile
  const began = performance.now();
  const { markdown, status } = await output(scriptOf(bench), options);
  const took = elapsed(began);
  console.log(
    `\n${markdown.trim()}\n\n${name} took ${took}${status === 0 ? '' : ` and ended with ${status}`}.\n`,
  );
  if (status !== 0) return false;
  if (options.includes('--quick') || bench.page !== undefined) return true;
  const given = options.length === 0 ? '' : ` Options: \`${options.join(' ')}\`.`;
  const date = new Date().toISOString().slice(0, 10);
  const measured = `Measured on ${date} in ${took}: ${code}; ${describeMachine()}.${given}`;
  const introduction = `${about.charAt(0).toUpperCase()}${about.slice(1)}. ${measured}`;
  write(name, `${introduction}\n\n${markdown.trim()}`);
  return true;
}

function output(script: string, args: readonly string[]): Promise<{ markdown: string; status: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let markdown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (markdown += text));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === null) reject(new Error(`${script} was ended by ${signal ?? 'something'}.`));
      else resolve({ markdown, status });
    });
  });
}

/** Whole or not at all: what was measured before must not be lost to a full disk. */
function write(name: string, body: string): void {
  const old = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const order = benches.filter((bench) => bench.page === undefined).map((bench) => bench.name);
  const partial = `${page}.partial`;
  writeFileSync(partial, withSection(old, name, body, order));
  renameSync(partial, page);
}

function elapsed(since: number): string {
  const seconds = (performance.now() - since) / 1000;
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
