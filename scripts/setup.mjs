/** Makes the checkout ready to run: installs what package-lock.json names, once, then builds the bundles. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFloor, requireNode } from './node-floor.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, 'node_modules', '.installed-lock');

/** Ends this process with what is wrong and what to do about it. */
function stop(message, fix) {
  console.error(`${message}\n  ${fix}`);
  process.exit(1);
}

/** On Windows npm and the tools of node_modules are scripts of its shell, which splits words at spaces. */
const isWindows = process.platform === 'win32';
const quoted = (word) => (/[\s&()^]/.test(word) ? `"${word}"` : word);

function spawn(command, args, options = {}) {
  const shell = isWindows && command !== process.execPath;
  const words = shell ? [quoted(command), args.map(quoted)] : [command, args];
  const result = spawnSync(...words, { cwd: root, stdio: 'inherit', shell, ...options });
  if (result.error) stop(`Cannot start ${command}: ${result.error.message}`, missing(command));
  return result.status ?? 1;
}

const missing = (command) =>
  command === 'npm'
    ? 'npm comes with Node (https://nodejs.org); on Debian and Ubuntu it is a package of its own: apt install npm'
    : 'Remove node_modules and run this again.';

/** Runs a command in the root, its output passed through; ends this process with its code if it fails. */
export function run(command, args, options = {}) {
  const status = spawn(command, args, options);
  if (status !== 0) process.exit(status);
}

/** Setting up writes into the checkout: what is installed, and the bundles. */
function requireWritable() {
  for (const folder of [root, join(root, 'node_modules'), join(root, 'dist')]) {
    if (!existsSync(folder)) continue;
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      stop(
        `${folder} cannot be written by you, and what is installed and built is kept there.`,
        'Clone into a folder of your own, or run this as the user to whom the checkout belongs.',
      );
    }
  }
}

export function install() {
  requireNode(nodeFloor);
  requireWritable();
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  console.log('Installing dependencies (npm ci) ...');
  if (spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) {
    stop(
      'Installing the dependencies failed; npm says why above.',
      'It needs the package registry (`npm ping` asks it, `npm config set proxy` names a proxy) and room for 1 GB. Once installed, no network is needed.',
    );
  }
  writeFileSync(marker, lock);
}

export function build() {
  run(process.execPath, ['esbuild.mjs']);
}
