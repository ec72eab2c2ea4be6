/** Whether a worker sees the pictures: a folder that is not mounted looks like a set of missing ones, and a copy may be an older one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../../errors';
import { hashFile } from '../../store/store';
import type { Plan, Witness } from './plan';

/** What a picture is now; null where there is none that can be read. */
export async function witnessOf(file: string): Promise<Omit<Witness, 'path'> | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? { bytes: found.size, sha256: await hashFile(file) } : null;
  } catch {
    return null;
  }
}

/**
 * Looks for some pictures that existed when the queue was filled.
 * @throws LensError of kind `usage`
 */
export async function requireSight(root: string, { witnesses }: Pick<Plan, 'witnesses'>): Promise<void> {
  for (const { path, bytes, sha256 } of witnesses) {
    const file = join(root, path);
    const found = await witnessOf(file);
    if (found?.bytes === bytes && found.sha256 === sha256) continue;
    const other =
      found?.bytes === bytes ? 'another one of this length' : `another one, of ${found?.bytes ?? 0} bytes`;
    throw new LensError(
      'usage',
      `${file}: expected a picture of ${bytes} bytes, which was there when the queue was filled; found ${found === null ? 'nothing' : other}.`,
      { remedies: ['other-picture-folder'] },
    );
  }
}
