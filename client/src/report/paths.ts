/** Questions about paths. */
import { stat } from 'node:fs/promises';

export { isInside } from '../../../files/inside';

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
