/** `npm test`: everything that CI runs, in the order in which it is cheapest to fail. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';
import { prepare } from '../test/e2e/vscode/install.mjs';

/** All test files below a folder, sorted, so that a run's order is always the same. */
function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort();
}

/** A command beside what follows; it ends with this process. @returns its exit code */
function start(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  process.once('exit', () => child.kill());
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

install();
const bin = (name) => join(root, 'node_modules', '.bin', name);
console.log('Lint, types, imports, format, build');
// Lint takes longer than all other checks together, and nothing that it reads is written meanwhile, so it runs beside the tests.
const eslint = join(root, 'node_modules', 'eslint', 'bin', 'eslint.js');
const linted = start(process.execPath, [eslint, '.', '--max-warnings=0']).then((code) => {
  if (code === 0) return;
  console.error('Lint failed.');
  process.exit(1);
});
// Version 7 checks types in a quarter of the time; the rules of lint and imports need the interface of version 5.
const tsc = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
for (const project of ['.', 'webview']) run(process.execPath, [tsc, '--noEmit', '-p', project]);
run(bin('depcruise'), [
  '--config',
  '.dependency-cruiser.cjs',
  'protocol',
  'files',
  'painting',
  'client',
  'webview',
  'server',
]);
run(bin('prettier'), ['--check', '--log-level=warn', '.']);
build();
console.log('Package');
const vsixFolder = join(root, 'dist', 'vsix');
run(process.execPath, ['scripts/package.mjs', '--out', vsixFolder]);
const vsix = readdirSync(vsixFolder).find((name) => name.endsWith('.vsix'));
const chosen = process.argv.slice(2);
const tests =
  chosen.length > 0
    ? chosen
    : ['test/unit', 'test/golden', 'test/cli', 'test/lsp', 'test/package', 'test/webgpu', 'test/e2e'].flatMap(
        testFiles,
      );
// Once and before all tests, since they run side by side and apt has one lock. Where it cannot be done, the tests that need it say so.
if (tests.some((file) => /(^|\/)(e2e|webgpu)(\/|$)/.test(file.replaceAll('\\', '/')))) {
  console.log('Browser and VS Code for the tests of the editor');
  await prepare().catch((error) => console.error(`${error.message}\n  Tests that need it will fail.`));
}
// Tests wait for other processes for a third of their time, and editors for most of it, so that more of them than cores fit beside each other.
const isEditor = (file) => /(^|\/)e2e(\/|$)/.test(file.replaceAll('\\', '/'));
const dist = join(root, 'dist');
const groups = [
  { name: 'all but the editor', files: tests.filter((file) => !isEditor(file)), atOnce: 3 },
  { name: 'the editor', files: tests.filter(isEditor), atOnce: 2 },
]
  .filter(({ files }) => files.length > 0)
  .map((group, index) => ({
    ...group,
    log: join(dist, `tests-${index}.tap`),
    failed: join(dist, `failed-${index}.txt`),
  }));

/** Runs a group's files; only the first group's results are printed as they come, so that two do not mix. */
function runGroup({ files, atOnce, log, failed }, index) {
  const child = spawn(
    process.execPath,
    [
      // Without tsx's loader of ES modules, which takes each of hundreds of processes as long as most of their tests.
      ...['--require', './scripts/from-source.cjs'],
      ...['--test', `--test-concurrency=${atOnce}`],
      ...['--test-reporter=tap', `--test-reporter-destination=${index === 0 ? 'stdout' : log}`],
      ...['--test-reporter=./scripts/failed-tests.mjs', `--test-reporter-destination=${failed}`],
      ...files,
    ],
    // The editor's tests install what a user would install.
    { cwd: root, stdio: 'inherit', env: { ...process.env, INFERENCE_LENS_VSIX: join(vsixFolder, vsix) } },
  );
  process.once('exit', () => child.kill());
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

console.log(`Tests: ${groups.map(({ name, files }) => `${name} (${files.length} files)`).join(', ')}`);
const codes = await Promise.all(groups.map(runGroup));
await linted;
for (const { name, log } of groups.slice(1)) console.log(`Tests of ${name}\n${readFileSync(log, 'utf8')}`);
// At the end, where readers of a long log look first.
if (codes.some((code) => code !== 0)) {
  console.error(`Failed:\n${groups.map(({ failed }) => readFileSync(failed, 'utf8')).join('')}`);
  process.exit(1);
}
