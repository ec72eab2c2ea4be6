/** How this project's own code is bundled for Node: for dist/ (esbuild.mjs), and for what runs much of it at once (bench/fuzz/bundle.ts). */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { kernelSources, kernels } from './kernels.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The server's sources as one hash, with those of painting/: caches carry it in their keys (system/paths.ts). */
function buildId() {
  const hash = createHash('sha256');
  for (const folder of [join(root, 'server', 'src'), join(root, 'painting')])
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Replaces the files that compile the pixel kernels, when run from source, by the compiled kernels. */
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

/** Begins the name of a file with code that several entries share, or that is loaded when it is needed. */
const PART = 'part-';

/**
 * Entries whose code is split where it is loaded on demand, so that a process reads only what it runs.
 * esbuild splits only ES modules; the parts are then converted to CommonJS, which Node starts faster.
 * @param banners what stands before the code of an entry, by its name
 */
export function inParts({ minify, banners = {} }) {
  return {
    format: 'esm',
    splitting: true,
    write: false,
    sourcemap: minify ? false : 'inline',
    supported: {},
    chunkNames: `${PART}[name]-[hash]`,
    plugins: [
      kernelBytes,
      { name: 'common-js', setup: (bundler) => writeAsCommonJs(bundler, minify, banners) },
    ],
  };
}

function writeAsCommonJs(bundler, minify, banners) {
  const folder = resolve(root, bundler.initialOptions.outdir);
  bundler.onEnd(async ({ errors, outputFiles = [] }) => {
    if (errors.length > 0) return;
    mkdirSync(folder, { recursive: true });
    // Parts of the previous build: their names contain hashes of their contents.
    for (const name of readdirSync(folder)) if (name.startsWith(PART)) rmSync(join(folder, name));
    for (const { path, text } of outputFiles) {
      const name = basename(path);
      const { code, map } = await transform(text, {
        platform: 'node',
        target: forNode.target,
        format: 'cjs',
        supported: forNode.supported,
        minify,
        sourcemap: minify ? false : 'external',
        sourcesContent: false,
        sourcefile: name,
        ...(banners[basename(name, '.js')] && { banner: banners[basename(name, '.js')] }),
      });
      writeFileSync(join(folder, name), minify ? code : `${code}//# sourceMappingURL=${name}.map\n`);
      if (!minify) writeFileSync(join(folder, `${name}.map`), map);
    }
  });
}

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
