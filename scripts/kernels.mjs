/**
 * The pixel kernels of server/wasm/ as WebAssembly: compiled when their sources have changed, else taken from
 * the cache.
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'server', 'wasm');
const compiler = join(root, 'node_modules', 'assemblyscript');
const kept = join(root, 'node_modules', '.cache', 'inference-lens');

/** No garbage collector, no bounds that nothing can exceed; `--converge` optimizes until nothing changes any more. */
const options = [
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '-O3',
  '--converge',
  '--noAssert',
  '--use',
  'abort=',
];

/** What the kernels are compiled from. */
export const kernelSources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map((name) => join(folder, name));

/**
 * The module's bytes.
 * @throws Error with the compiler's words if the sources are wrong
 */
export function kernels() {
  if (!existsSync(compiler))
    throw new Error(`${compiler} is missing, which compiles the pixel kernels: run npm ci.`);
  const hash = createHash('sha256').update(options.join(' '));
  hash.update(readFileSync(join(compiler, 'package.json')));
  for (const path of kernelSources) hash.update(path.slice(folder.length)).update(readFileSync(path));
  const path = join(kept, `kernels-${hash.digest('hex').slice(0, 16)}.wasm`);
  if (!existsSync(path)) compile(path);
  return readFileSync(path);
}

/** Others may be compiling at the same time: the file appears whole. */
function compile(path) {
  mkdirSync(kept, { recursive: true });
  const made = `${path}.${process.pid}`;
  const asc = join(compiler, 'bin', 'asc.js');
  const { status, stderr } = spawnSync(
    process.execPath,
    [asc, join('server', 'wasm', 'index.ts'), '-o', made, ...options],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The pixel kernels do not compile:\n${stderr}`);
  for (const old of readdirSync(kept))
    if (/^kernels-\w+\.wasm$/.test(old)) rmSync(join(kept, old), { force: true });
  renameSync(made, path);
}
