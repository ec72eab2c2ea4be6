/** Packages of other platforms: fetched by npm as it is configured here, and checked against package-lock.json. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../setup.mjs';

function run(command, args, cwd) {
  const shell = process.platform === 'win32';
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', shell });
  if (result.error) throw new Error(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${result.stderr.trim()}`,
    );
  return result.stdout;
}

/** The version and integrity value that the lock file wants of a package. */
function locked(name) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry) throw new Error(`package-lock.json does not name ${name}.`);
  return entry;
}

function check(file, name, integrity) {
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name}: expected ${integrity} as in package-lock.json, found ${found}.`);
}

/**
 * A package's unpacked folder in the user's cache, fetched at first use. It is unpacked beside its place and renamed
 * into it, so it is there whole or not at all.
 * @param {string} name such as `@img/sharp-win32-x64`; the version is the lock file's
 */
export async function fetchPackage(name) {
  const { version, integrity } = locked(name);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const place = join(cache, 'inference-lens', 'packages', `${name.replace('/', '+')}@${version}`);
  if (existsSync(place)) return place;
  mkdirSync(dirname(place), { recursive: true });
  const beside = mkdtempSync(`${place}.partial-`);
  try {
    const printed = run('npm', ['pack', `${name}@${version}`, '--silent', '--ignore-scripts'], beside);
    const archive = printed.trim().split('\n').at(-1);
    check(join(beside, archive), name, integrity);
    run('tar', ['-xzf', archive], beside);
    renameSync(join(beside, 'package'), place);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return place;
}
