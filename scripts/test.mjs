/** `npm test`: everything that CI runs. What tests need is made first; then they and the checks of the sources run beside each other. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';
import { byLength, sources, testFiles, together } from './testing/files.mjs';
import { runJobs, runNode, runTests } from './testing/pool.mjs';

const chosen = process.argv.slice(2);
const tests =
  chosen.length > 0
    ? chosen
    : ['test/unit', 'test/golden', 'test/cli', 'test/lsp', 'test/package', 'test/webgpu', 'test/e2e'].flatMap(
        testFiles,
      );
const isIn = (folders) => (file) =>
  folders.some((folder) => `/${file.replaceAll('\\', '/')}`.includes(`/${folder}/`));
const isEditor = isIn(['e2e']);

/** Once and before all tests, since they run side by side and apt has one lock. Where it cannot be done, the tests that need it say so. */
const prepared = tests.some(isIn(['e2e', 'webgpu']))
  ? runNode(['test/e2e/vscode/install.mjs']).then(({ code, output }) => {
      console.log(`Browser and VS Code for the tests of the editor\n${output}`);
      if (code !== 0) console.error('  Tests that need it will fail.');
    })
  : Promise.resolve();
install();
const bin = (...path) => join(root, 'node_modules', ...path);
/** Version 7 checks types in a quarter of the time; the import rules need the interface of version 5. */
const tsc = bin('typescript-7', 'bin', 'tsc');
const imported = ['protocol', 'files', 'painting', 'client', 'webview', 'server'];
const checks = [
  { name: 'Lint', args: [bin('oxlint', 'bin', 'oxlint')] },
  { name: 'Types', args: [tsc, '--noEmit', '-p', '.'] },
  { name: 'Types of the pages', args: [tsc, '--noEmit', '-p', 'webview'] },
  {
    name: 'Imports',
    args: [
      bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      ...['--config', '.dependency-cruiser.cjs', ...imported],
    ],
  },
  { name: 'Format', args: [bin('oxfmt', 'bin', 'oxfmt'), '--check', '.'] },
];

const failures = [];
const took = [];
const counts = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };

/** What all cores of the machine have done so far, in milliseconds. */
function coresTime() {
  const times = cpus().map((core) => core.times);
  const sum = (parts) => parts.reduce((total, part) => total + part, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}

/** Reports what has ended: whole, so that two do not mix. */
function report(name, { code, output, seconds }) {
  took.push({ name, seconds });
  console.log(`# ${name}: ${code === 0 ? 'done' : 'FAILED'} in ${seconds.toFixed(1)} s\n${output}`);
}

/** Compiler and linter are in Go, whose collector takes a tenth of their time unless it waits for more garbage. */
const unhurried = { ...process.env, GOGC: '400' };
const check =
  ({ name, args }) =>
  async () => {
    const result = await runNode(args, unhurried);
    report(name, result);
    if (result.code !== 0) failures.push(`  ${name}: see above\n`);
  };

/** They read the sources alone, so that they need not wait for what is built: the first runs while one core builds and packs. */
const checking = runJobs(1, [{ jobs: checks.map(check), atOnce: 1 }]);

console.log('Build');
build();
// It reads of what was just installed.
const { translateAll } = await import('./translation.cjs');
await translateAll(sources());
console.log('Package');
const dist = join(root, 'dist');
const vsixFolder = join(dist, 'vsix');
run(process.execPath, ['scripts/package.mjs', '--out', vsixFolder]);
const vsix = readdirSync(vsixFolder).find((name) => name.endsWith('.vsix'));
await prepared;

const failed = join(dist, 'failed');
rmSync(failed, { recursive: true, force: true });
mkdirSync(failed);
// The editor's tests install what a user would install.
const env = { ...process.env, INFERENCE_LENS_VSIX: join(vsixFolder, vsix) };
/** Beside each other, processes of the runtime that spin take the cores from those that compute. One test of the editor runs as a user would. */
const sharing = { ...env, INFERENCE_LENS_SPINNING: 'off' };
const asUsers = join('test', 'e2e', 'extension', 'panel.test.ts');
const test = (files) => async () => {
  const [first] = files;
  const log = join(failed, `${first.replace(/[\\/:]/g, '-')}.txt`);
  const result = await runTests(files, log, first === asUsers ? env : sharing);
  report(files.join(', '), result);
  if (result.code !== 0) failures.push(result.failed);
  for (const [, name, count] of result.output.matchAll(/^# (\w+) (\d+)$/gm))
    if (name in counts) counts[name] += Number(count);
};

// Tests wait for other processes for a third of their time, and editors for most of it, so that more of them than cores fit beside each other.
const editor = byLength(tests.filter(isEditor));
const others = byLength(tests.filter((file) => !isEditor(file)));
const jobs = together(others);
console.log(
  `Tests: ${others.length} files in ${jobs.length} processes, and ${editor.length} of the editor; beside them the checks`,
);
const before = coresTime();
await runJobs(5, [
  { jobs: editor.map((file) => test([file])), atOnce: 2 },
  { jobs: [() => checking], atOnce: 1 },
  { jobs: jobs.map(test), atOnce: 4 },
]);
const after = coresTime();
const idle = (100 * (after.idle - before.idle)) / (after.all - before.all);
console.log(`Cores were idle for ${idle.toFixed(0)} % of the time of the tests`);
took.sort((a, b) => b.seconds - a.seconds);
const longest = took.slice(0, 25).map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} ${name}`);
console.log(`Took longest, in seconds:\n${longest.join('\n')}`);
for (const [name, count] of Object.entries(counts)) console.log(`# ${name} ${count}`);
// At the end, where readers of a long log look first.
if (failures.length > 0) {
  console.error(`Failed:\n${failures.join('')}`);
  process.exit(1);
}
