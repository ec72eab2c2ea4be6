/** Which files of tests there are, and in which order they run. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const below = (folder, wanted) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name));

/** All test files below a folder, sorted, so that a run's order is always the same. */
export const testFiles = (folder) => below(folder, /\.test\.ts$/).sort();

/** What tests read from source. */
export const sources = () =>
  ['protocol', 'files', 'painting', 'client', 'webview', 'server', 'test', 'bench'].flatMap((folder) =>
    below(folder, /\.tsx?$/).map((name) => join(root, name)),
  );

/**
 * The files that take longest, longest first, as `npm test` lists them at its end. They start first, or one of them would run alone when
 * all others are done. A file that is not named here costs nothing but that.
 */
const longest = [
  'cli/cases',
  'cli/analyze-onnx',
  'unit/bench/fuzz',
  'cli/analyze',
  'cli/hostile',
  'cli/checkpoints',
  'cli/models',
  'cli/batch',
  'golden/architectures/twins',
  'golden/architectures/families',
  'golden/architectures/networks',
  'webgpu/webgpu',
  'unit/bench/kill',
  'cli/read-as',
  'cli/queue',
  'cli/unwritable-cache',
  'cli/evaluate',
  'cli/hostile-models',
  'lsp/analysis',
  'lsp/jobs',
  'lsp/silence',
  'e2e/extension/reports',
  'e2e/extension/panel',
  'e2e/extension/hard',
  'e2e/panel/gallery',
  'e2e/panel/accessibility',
  'e2e/extension/history',
  'e2e/extension/doctor',
  'e2e/extension/first-run',
  'e2e/extension/views',
].map((name) => join('test', `${name}.test.ts`));

/** Files in the order in which they start. */
export function byLength(files) {
  const place = (file) => {
    const at = longest.indexOf(file);
    return at === -1 ? longest.length : at;
  };
  return [...files].sort((a, b) => place(a) - place(b));
}
