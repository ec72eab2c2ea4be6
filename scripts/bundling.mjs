/** How this project's own code is bundled for Node: for dist/ (esbuild.mjs), and for what runs much of it at once (bench/fuzz/bundle.ts). */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelSources, kernels } from './kernels.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The server's sources as one hash, with what it paints with: caches of what they computed carry it in their keys (system/paths.ts). */
function buildId() {
  const hash = createHash('sha256');
  for (const folder of [join(root, 'server', 'src'), join(root, 'painting')])
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Puts the compiled pixel kernels in the place of the files that compile them when run from source. */
export const kernelBytes = {
  name: 'kernel-bytes',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/](imaging|picture)[\\/]kernel-bytes\.ts$/ }, () => {
      try {
        const base64 = Buffer.from(kernels()).toString('base64');
        const contents = `export const kernelBytes = Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0));`;
        return { contents, watchFiles: kernelSources };
      } catch (error) {
        return { errors: [{ text: error.message }], watchFiles: kernelSources };
      }
    });
  },
};

/** Native modules stay beside the bundle; `vscode` is the editor itself. */
export const forNode = {
  absWorkingDir: root,
  bundle: true,
  logLevel: 'warning',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // As `require`, which finds every export of what is CommonJS itself.
  supported: { 'dynamic-import': false },
  external: ['vscode', 'onnxruntime-node', 'sharp'],
  // Its CommonJS form loads its parts by names that no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  plugins: [kernelBytes],
  define: { BUILD_ID: JSON.stringify(buildId()) },
};
