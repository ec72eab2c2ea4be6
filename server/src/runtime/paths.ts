/** Where files live: what ships with the project, and what it may keep for itself. */
import { existsSync, readFileSync } from 'node:fs';
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
