/** Which files of tests there are, and in which order they run. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  'unit/bench/fuzz',
  'cli/batch',
  'golden/architectures/twins',
  'webgpu/webgpu',
  'golden/architectures/families',
  'cli/cases',
  'cli/models',
  'unit/bench/kill',
  'cli/analyze',
  'cli/hostile',
  'cli/analyze-onnx',
  'cli/checkpoints',
  'golden/architectures/networks',
  'cli/evaluate',
  'cli/read-as',
  'cli/queue',
  'cli/unwritable-cache',
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

/** Files that need a process of their own: they measure it, or change what others in it would read. */
const alone = [
  ...['imaging/decode-refused', 'pipeline/prepare', 'explain/memory'], // its memory, or its time
  'pipeline/snippet', // the cache folder
  'engine/supervisor', // its children
].map((name) => join('test', 'unit', `${name}.test.ts`));

/** How many files share a process at most, so that one that fails or hangs is one of few, and the last process has company. */
const SHARED = 8;

/**
 * Jobs of files, in their order. Unit tests of one folder, which read the same source, share a process: starting one takes longer than
 * what most of them do.
 */
export function together(files) {
  const jobs = [];
  const open = new Map();
  for (const file of files) {
    const folder = dirname(file);
    const shares =
      folder.startsWith(join('test', 'unit')) && !longest.includes(file) && !alone.includes(file);
    const last = shares ? open.get(folder) : undefined;
    if (last && last.length < SHARED) {
      last.push(file);
      continue;
    }
    const job = [file];
    jobs.push(job);
    if (shares) open.set(folder, job);
  }
  return jobs;
}
