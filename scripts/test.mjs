/** `npm test`: everything that CI runs, in the order in which it is cheapest to fail. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';
import { prepare } from '../test/e2e/vscode/install.mjs';

/** Test files at once: one more than the two cores of CI, since editors, browsers and engines are waited for a good part of the time. */
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
console.log('Tests');
run(
  process.execPath,
  ['--import', 'tsx', '--test', `--test-concurrency=${AT_ONCE}`, ...tests],
  // The editor's tests install what a user would install.
  { env: { ...process.env, INFERENCE_LENS_VSIX: join(vsixFolder, vsix) } },
);
