/** The oldest Node that runs this project: stated once, in package.json, and checked here by everything that starts on its own. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const manifest = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package.json');

/** `20.18.1`, of `"engines": { "node": ">=20.18.1" }`. */
export const nodeFloor = JSON.parse(readFileSync(manifest, 'utf8')).engines.node.replace(/^>=\s*/, '');

/**
 * Ends the process, with what was expected, found and to do, where its Node is older than `floor`. Bundles carry this function's
 * text before their own first line (esbuild.mjs), so it names nothing outside itself.
 */
export function requireNode(floor) {
  const needed = floor.split('.').map(Number);
  const found = process.versions.node.split('.').map(Number);
  const at = needed.findIndex((part, i) => found[i] !== part);
  if (at < 0 || found[at] > needed[at]) return;
  process.stderr.write(
    `Inference Lens needs Node ${floor} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      '  Install a newer one from https://nodejs.org, or with a version manager: nvm install 20, fnm use --install-if-missing 20\n',
  );
  process.exit(2);
}

/** The check as the first lines of a bundle; the directive would mean nothing behind it. */
export const nodeGuard = `"use strict";(${requireNode.toString()})(${JSON.stringify(nodeFloor)});`;
