/** `npm test`: everything that CI runs, in the order in which it is cheapest to fail. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';
import { prepare } from '../test/e2e/vscode/install.mjs';

/** Test files at once: one more than the two cores of CI, since command lines and engines are waited for a good part of the time. */
const AT_ONCE = 3;

/** All test files below a folder, sorted, so that a run's order is always the same. */
function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort();
}

install();
const bin = (name) => join(root, 'node_modules', '.bin', name);
console.log('Types');
run(bin('tsc'), ['--noEmit', '-p', '.']);
run(bin('tsc'), ['--noEmit', '-p', 'webview']);
console.log('Lint, imports, format');
run(bin('eslint'), ['.', '--max-warnings=0']);
run(bin('depcruise'), [
  '--config',
  '.dependency-cruiser.cjs',
  'protocol',
  'files',
  'client',
  'webview',
  'server',
]);
run(bin('prettier'), ['--check', '--log-level=warn', '.']);
console.log('Build and package');
build();
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
// Editors and browsers have a time limit for every step of theirs: two at a time have a core each.
const isEditor = (file) => /(^|\/)e2e(\/|$)/.test(file.replaceAll('\\', '/'));
const groups = [
  ['Tests', tests.filter((file) => !isEditor(file)), AT_ONCE],
  ['Tests in a browser and in VS Code', tests.filter(isEditor), 2],
].filter(([, files]) => files.length > 0);
const failedFile = join(root, 'dist', 'failed-tests.txt');
const failures = [];
for (const [title, files, atOnce] of groups) {
  console.log(title);
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${atOnce}`],
      ...['--test-reporter=tap', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/failed-tests.mjs', `--test-reporter-destination=${failedFile}`],
      ...files,
    ],
    // The editor's tests install what a user would install.
    { cwd: root, stdio: 'inherit', env: { ...process.env, INFERENCE_LENS_VSIX: join(vsixFolder, vsix) } },
  );
  if (status !== 0) failures.push(readFileSync(failedFile, 'utf8'));
}
// At the end, where a long log is looked at first.
if (failures.length > 0) {
  console.error(`Failed:\n${failures.join('')}`);
  process.exit(1);
}
