/** Whether a worker sees the pictures: a folder that is not mounted looks like a set of missing ones. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../../errors';
import type { Plan } from './plan';

/**
 * Looks for some pictures that existed when the queue was filled.
 * @throws LensError of kind `usage`
 */
export async function requireSight(root: string, { witnesses }: Pick<Plan, 'witnesses'>): Promise<void> {
  for (const { path, bytes } of witnesses) {
    const file = join(root, path);
    const found = await stat(file).catch(() => null);
    if (found?.size === bytes) continue;
    const present = found === null ? 'nothing' : `another file, of ${found.size} bytes`;
    throw new LensError(
      'usage',
      `${file}: expected a picture of ${bytes} bytes, which was there when the queue was filled; found ${present}.`,
      { remedies: ['other-picture-folder'] },
    );
  }
}
