/** Finds the optional test material beside the checkout; tests that need it skip aloud where it is missing. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';

const sharedFolder = resolve(__dirname, '..', '..', '..', 'shared');

/** The file's path, or null after marking the test as skipped with the reason. */
export function sharedFile(test: TestContext, relative: string): string | null {
  const path = join(sharedFolder, relative);
  if (existsSync(path)) return path;
  test.skip(`needs ../shared/${relative}, which is not beside this checkout`);
  return null;
}
