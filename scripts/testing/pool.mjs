/** Runs many processes, some at a time: the files of tests, and the checks beside them. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { root } from '../setup.mjs';

/** Lines of what a process said at its end, where it says more. */
const LAST_LINES = 20;

/** Milliseconds after which a file of tests is said to be running still. */
const LATE = 600_000;

/** Processes that were started and have not ended; they end with this one. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * @typedef {object} Result
 * @property {number} code of its exit
 * @property {string} output what it wrote to stdout and stderr, in order
 * @property {number} seconds
 */

/**
 * Runs a Node program in the root.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {(output: string) => void} late is called once, where it takes longer than any should
 * @returns {Promise<Result>}
 */
export function runNode(args, env = process.env, late = () => undefined) {
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
  running.add(child);
  let output = '';
  const watch = setTimeout(() => late(output), LATE);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      running.delete(child);
      clearTimeout(watch);
      resolve({ code: code ?? 1, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/**
 * Files of tests in a process of their own.
 * @param {readonly string[]} files
 * @param {string} failures a file for what failed
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Result & { failed: string }>} `failed` is empty where nothing did
 */
export async function runTests(files, failures, env) {
  const result = await runNode(
    [
      ...['--require', './scripts/from-source.cjs'],
      ...['--test-reporter=tap', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/testing/failed-tests.mjs', `--test-reporter-destination=${failures}`],
      ...(files.length === 1 ? files : ['./scripts/testing/together.cjs', ...files]),
    ],
    env,
    // Each file of several is reported by its name when it has ended.
    (output) => console.log(`# ${files.find((file) => !output.includes(` - ${file}\n`))}: still running`),
  );
  if (result.code === 0) return { ...result, failed: '' };
  // Where the process ended before its tests, there is no such file, or nothing in it.
  const named = existsSync(failures) ? readFileSync(failures, 'utf8') : '';
  return { ...result, failed: named || endOf(files.join(', '), result) };
}

/** What to say of a process that failed without a test that did. */
function endOf(name, { code, output }) {
  const lines = output.trimEnd().split('\n').slice(-LAST_LINES);
  return `  ${name} ended with ${code}:\n    ${lines.join('\n    ')}\n`;
}

/**
 * Runs jobs, each when there is room for it. Of the groups that have jobs left the first goes first.
 * @param {number} atOnce how many of all
 * @param {readonly { jobs: readonly (() => Promise<void>)[], atOnce: number }[]} groups each with its jobs in order, and how many of them at once
 */
export async function runJobs(atOnce, groups) {
  const open = groups.map((group) => ({ ...group, next: 0, now: 0 }));
  let now = 0;
  await new Promise((resolve, reject) => {
    const fill = () => {
      while (now < atOnce) {
        const group = open.find((one) => one.next < one.jobs.length && one.now < one.atOnce);
        if (group === undefined) break;
        const job = group.jobs[group.next++];
        group.now++;
        now++;
        job().then(() => {
          group.now--;
          now--;
          fill();
        }, reject);
      }
      if (now === 0) resolve();
    };
    fill();
  });
}
