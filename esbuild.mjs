/** Bundles every entry point into dist/ and copies the files that are read at run time. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, context } from 'esbuild';
import { forNode, inParts, kernelBytes } from './scripts/bundling.mjs';
import { nodeGuard } from './scripts/node-floor.mjs';
import { writeReportCheck } from './scripts/report-check.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const { watch, release, outdir, inputs } = parseArgs({
  options: {
    watch: { type: 'boolean', default: false },
    /** Minified, without source maps. */
    release: { type: 'boolean', default: false },
    outdir: { type: 'string', default: 'dist' },
    /** A file that receives the paths of everything that went into a bundle, as a JSON array. */
    inputs: { type: 'string' },
  },
}).values;

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: release,
  sourcemap: !release,
  sourcesContent: false,
  metafile: inputs !== undefined,
  logLevel: 'warning',
  outdir,
};

const node = { ...shared, ...forNode };

const entries = [
  {
    ...node,
    ...inParts({ minify: release, banners: { cli: `#!/usr/bin/env node\n${nodeGuard}` } }),
    entryPoints: { cli: 'server/src/cli/main.ts', engine: 'server/src/engine/main.ts' },
  },
  { ...node, entryPoints: { 'session-worker': 'server/src/runtime/session-worker.ts' } },
  { ...node, entryPoints: { 'painter-worker': 'server/src/report/painter-worker.ts' } },
  { ...node, entryPoints: { server: 'server/src/lsp/main.ts' }, banner: { js: nodeGuard } },
  { ...node, entryPoints: { client: 'client/src/extension.ts' } },
  {
    ...shared,
    entryPoints: {
      panel: 'webview/src/main.tsx',
      model: 'webview/src/model/main.tsx',
      evaluation: 'webview/src/evaluation/main.tsx',
    },
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [kernelBytes],
  },
].filter((entry) => Object.values(entry.entryPoints).every((file) => existsSync(join(root, file))));

await writeReportCheck();

/** Only these two of the package's 13 MB are read. */
const blazeface = ['face_detection_full_range.tflite', 'face_detection_short_range.tflite'];
const models = resolve(root, outdir, 'models');
mkdirSync(models, { recursive: true });
for (const name of blazeface)
  copyFileSync(join(root, 'node_modules', '@mediapipe', 'face_detection', name), join(models, name));

if (watch) await Promise.all(entries.map(async (entry) => (await context(entry)).watch()));
else {
  const results = await Promise.all(entries.map((entry) => build(entry)));
  if (inputs !== undefined) {
    const paths = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
    writeFileSync(inputs, JSON.stringify([...new Set(paths)].sort()));
  }
}
