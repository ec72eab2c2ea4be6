/** Paths: what ships with the project, and its cache folder. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The folder of this project's package.json, whether run from source, from dist/ or from an installed extension. */
export function projectRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && packageName(manifest) === 'inference-lens') return folder;
    if (dirname(folder) === folder) throw new Error(`No package.json of inference-lens above ${from}.`);
  }
}

function packageName(manifest: string): string | undefined {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name;
}

/** This project's version, from its package.json. */
export function projectVersion(): string {
  return (JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string })
    .version;
}

/**
 * The platform's cache folder for this project; INFERENCE_LENS_CACHE overrides it.
 * Linux: $XDG_CACHE_HOME or ~/.cache; macOS: ~/Library/Caches; Windows: %LOCALAPPDATA%.
 */
export function cacheRoot(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = env['INFERENCE_LENS_CACHE'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'inference-lens');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'inference-lens');
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg.startsWith('/') ? xdg : join(homedir(), '.cache'), 'inference-lens');
}

/** Set by the bundler to the hash of the sources it bundled. */
declare const BUILD_ID: string | undefined;

/**
 * Changes whenever the server's code changes: part of every key under which computed things are cached, so that no
 * number outlives the code that made it. Run from source, the sources are hashed here.
 */
export function buildId(): string {
  if (typeof BUILD_ID === 'string') return BUILD_ID;
  return (hashed ??= hashSources(join(projectRoot(), 'server', 'src')));
}

/** Once per process: the code that it runs stays the same once it is loaded. */
let hashed: string | undefined;

function hashSources(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
