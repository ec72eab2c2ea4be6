/** Hostile files as rows of a table: a name, the bytes, and the exact message. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { temporaryFolder } from '../temp';

/** `message` is what follows the file's name; a headline names the file without its folders, and is a sentence. */
export type HostileRow = readonly [name: string, bytes: () => Buffer, message: string];

/** A test for each row: opening the file, and reading all of its tensors, ends in that message. */
export function refusals(area: string, rows: readonly HostileRow[]): void {
  const folder = temporaryFolder(area);
  rows.forEach(([name, bytes, message], index) => {
    test(`${area}: ${name}`, async () => {
      const path = join(folder, `${index}.pth`);
      writeFileSync(path, bytes());
      const whole = message.startsWith('is not a PyTorch');
      assert.equal(await failure(path), whole ? `${basename(path)} ${message}.` : `${path}: ${message}`);
    });
  });
}

/** Opens the file and reads every tensor; the message of the CheckpointError that this must end in. */
export async function failure(path: string): Promise<string> {
  try {
    const checkpoint = await openCheckpoint(path);
    try {
      for (const name of checkpoint.stateDict.keys()) await checkpoint.readFloat32(name);
    } finally {
      await checkpoint.close();
    }
  } catch (error) {
    assert.ok(error instanceof CheckpointError, `not a CheckpointError: ${String(error)}`);
    assert.ok(error.fix, 'an error must say what to do');
    return error.message;
  }
  return assert.fail(`${path} was read without an error`);
}
