/** Good files cut at every 1/64th of their length: each piece is refused as cut short, never read in part. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failure } from '../../support/checkpoints/refusal';
import { temporaryFolder } from '../../support/temp';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'checkpoints');
const folder = temporaryFolder('truncated');

const empty = /^is empty; expected a checkpoint$/;
const noDirectory = /^begins like a zip file but has no zip directory at its end \(byte \d+\)$/;
const pickleEnds =
  /^is cut short inside its pickle: bytes \d+ to \d+ are needed, there are \d+ \(byte \d+\)$/;
const rangeEnds = /^is cut short: bytes \d+ to \d+ are needed, there are \d+ \(byte \d+\)$/;
const storageEnds = /^is cut short: storage "\d+" ends at byte \d+, the file at \d+ \(byte \d+\)$/;
const headerEnds = /^is cut short: its header ends at byte \d+, the file at \d+ \(byte \d+\)$/;
const dataEnds = /^describes \d+ bytes of tensors but holds \d+$/;

const rows: readonly (readonly [file: string, messages: readonly RegExp[]])[] = [
  ['sbi.tar', [empty, noDirectory]],
  ['zip-protocol4.pth', [empty, noDirectory]],
  ['deflated.tar', [empty, noDirectory]],
  ['release-deflated.zip', [empty, noDirectory]],
  ['legacy-nested.tar', [empty, pickleEnds, rangeEnds, storageEnds]],
  ['legacy-protocol5.pth', [empty, pickleEnds, rangeEnds, storageEnds]],
  ['legacy-views.pth', [empty, pickleEnds, rangeEnds, storageEnds]],
  ['all.safetensors', [empty, headerEnds, dataEnds]],
];

for (const [file, messages] of rows) {
  test(`${file} cut at every 1/64th`, async () => {
    const whole = readFileSync(join(fixtures, file));
    const path = join(folder, file);
    const seen = new Set<RegExp>();
    for (let part = 0; part < 64; part++) {
      writeFileSync(path, whole.subarray(0, Math.floor((whole.length * part) / 64)));
      const message = (await failure(path)).slice(`${path}: `.length);
      const known = messages.find((pattern) => pattern.test(message));
      assert.ok(known, `at ${part}/64: ${message}`);
      seen.add(known);
    }
    assert.ok(seen.size >= 2, 'the pieces must fail in more ways than one');
  });
}
