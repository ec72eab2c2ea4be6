/** The node_modules of a package: the native modules, what they require, and of each only what runs. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from '../setup.mjs';
import { fetchPackage } from './registry.mjs';

/**
 * What the bundles leave outside (esbuild.mjs). onnxruntime-node's dependencies adm-zip and global-agent serve only its
 * installer of CUDA libraries, which `inference-lens doctor --install-cuda` runs: 0.3 MB, kept on every target.
 */
export const nativeModules = ['onnxruntime-node', 'sharp'];

export const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Where Node would find a package when it is required from a folder. */
function resolvePackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (dirname(folder) === folder)
      throw new Error(`The package ${name}, needed by ${from}, is not installed. Run: npm ci`);
  }
}

/** The folders of the native modules and of all that they require, each once. */
function requiredFolders() {
  const found = new Set();
  const visit = (name, from) => {
    const folder = resolvePackage(name, from);
    if (found.has(folder)) return;
    found.add(folder);
    for (const dependency of Object.keys(readManifest(folder).dependencies ?? {})) visit(dependency, folder);
  };
  for (const name of nativeModules) visit(name, root);
  return [...found];
}

const runnable = /\.(js|cjs|json|node|dll|dylib)$|\.so(\.\d+)*$/;
const legal = /^(licen[cs]e|copying|notice|third-?party)/i;
const unused = /^(tests?|examples?|tsconfig\.json|\..*)(\/|$)|\.test\.c?js$/;

/** Parts of single packages that nothing calls: sources, a second module format, the way they were built. */
const unusedIn = Object.freeze({
  'onnxruntime-node': /^(lib|script\/(?!install)|bin\/)/,
  'onnxruntime-common': /^(lib|dist\/esm)\//,
  sharp: /^(src|install|lib)\//,
});

const isShipped = (name, path) => {
  const parts = path.split('/');
  if (unused.test(path) || unusedIn[name]?.test(path)) return false;
  return runnable.test(path) || (parts.length === 1 && legal.test(path));
};

/** The files below a folder, with `/` between their parts, without those of packages nested in it. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join('/'))
    .sort();
}

/** Copies with fixed permissions, so that an archive does not depend on who made it. */
export function copyFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
  chmodSync(to, 0o644);
}

function copyPackage(folder, into) {
  const { name } = readManifest(folder);
  for (const path of filesBelow(folder)) {
    if (!path.startsWith('node_modules/') && isShipped(name, path))
      copyFile(join(folder, path), join(into, path));
  }
}

/**
 * Fills `stage`/node_modules for a target.
 * @returns {Promise<string[]>} the folders that packages were taken from, for their licenses
 */
export async function stageModules(stage, target) {
  const folders = requiredFolders();
  for (const folder of folders) copyPackage(folder, join(stage, relative(root, folder)));
  const runtime = join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6', target.platform, target.arch);
  for (const file of target.runtimeFiles) copyFile(join(root, runtime, file), join(stage, runtime, file));
  for (const name of target.nativePackages) {
    const installed = join(root, 'node_modules', name);
    const folder = existsSync(installed) ? installed : await fetchPackage(name);
    copyPackage(folder, join(stage, 'node_modules', name));
    folders.push(folder);
  }
  return folders;
}
