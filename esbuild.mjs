/** Bundles every entry point into dist/ and copies the files that are read at run time. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

/** The server's sources as one hash: caches of what they computed carry it in their keys (runtime/paths.ts). */
function buildId() {
  const folder = join(root, 'server', 'src');
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  outdir: 'dist',
};

/** Native modules stay beside the bundle; `vscode` is the editor itself. */
const node = {
  ...shared,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode', 'onnxruntime-node', 'sharp'],
  define: { BUILD_ID: JSON.stringify(buildId()) },
};

const entries = [
  { ...node, entryPoints: { cli: 'server/src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: { engine: 'server/src/engine/main.ts' } },
  { ...node, entryPoints: { server: 'server/src/lsp/main.ts' } },
  { ...node, entryPoints: { client: 'client/src/extension.ts' } },
  {
    ...shared,
    entryPoints: { panel: 'webview/src/main.tsx' },
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
].filter((entry) => Object.values(entry.entryPoints).every((file) => existsSync(join(root, file))));

/** Only these two of the package's 13 MB are read. */
const blazeface = ['face_detection_full_range.tflite', 'face_detection_short_range.tflite'];
mkdirSync(join(root, 'dist', 'models'), { recursive: true });
for (const name of blazeface)
  copyFileSync(
    join(root, 'node_modules', '@mediapipe', 'face_detection', name),
    join(root, 'dist', 'models', name),
  );

if (watch) await Promise.all(entries.map(async (entry) => (await context(entry)).watch()));
else await Promise.all(entries.map((entry) => build(entry)));
