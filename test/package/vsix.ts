/** The VSIX of this platform, made once for all tests of a file, and a run of what is in it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../server/src/system/paths';
import { readArchive, type ArchiveEntry } from '../../scripts/package/zip.mjs';

export const root = projectRoot();

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs scripts/package.mjs. */
export function runPackage(args: readonly string[]): Finished {
  const script = join(root, 'scripts', 'package.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Makes the archive and returns its path. */
export function makeVsix(folder: string): string {
  const { code, stdout, stderr } = runPackage(['--out', folder]);
  if (code !== 0) throw new Error(`Packaging failed:\n${stdout}\n${stderr}`);
  const archives = readdirSync(folder).filter((name) => name.endsWith('.vsix'));
  if (archives.length !== 1)
    throw new Error(`Expected one archive in ${folder}, found ${archives.join(', ')}.`);
  return join(folder, archives[0]!);
}

/** Writes the archive's files below a folder, as an installation does, and returns the extension's folder. */
export function unpack(entries: readonly ArchiveEntry[], into: string): string {
  for (const { name, read } of entries) {
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), read());
  }
  return join(into, 'extension');
}

export { readArchive, type ArchiveEntry };

/** Runs Node with nothing of this process's own module settings. */
export function runNode(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_PATH: '', ...options.env };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: options.cwd, env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
