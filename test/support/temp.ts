/** A temporary folder that is gone when its test file ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `lens-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
