/** Writes a lens beside its model: each value with its origin, guesses marked as such. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import type { WrittenLens } from '../../../../protocol/lens-check';
import { LensError } from '../../errors';
import { lensText } from '../../lens/write-lens';
import type { ModelStore } from '../../store/store';
import type { LensTrust } from '../choose-lens';
import { inspectLens } from '../inspect-lens';

/**
 * @param subject a model file, an id of the store, or a network that ships; without a file of its own the lens goes into the working directory
 * @throws LensError of kind `usage` where a lens exists already, which is not touched
 */
export async function createLens(
  subject: string,
  store: ModelStore,
  trust: LensTrust,
  signal?: AbortSignal,
): Promise<WrittenLens> {
  const { lens, weights } = await inspectLens({ weights: subject }, store, signal, trust);
  const { path, stored } = weights;
  const file = stored === null ? path : null;
  const [folder, stem] =
    file === null ? [process.cwd(), weights.name] : [dirname(file), basename(file, extname(file))];
  const target = join(folder, `${stem}${LENS_SUFFIX}`);
  const text = lensText(lens.report, file === null ? weights.reference : basename(file));
  try {
    await writeFile(target, text, { flag: 'wx' });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST')
      throw new LensError('usage', `${target} already exists.`, {
        fix: 'Move it to write a new one.',
      });
    throw new LensError('output', `${target} cannot be written: ${(thrown as Error).message}`);
  }
  const guesses = lens.report.values.filter(({ origin }) => origin === 'guess');
  return { path: target, guesses: guesses.map(({ key, detail }) => ({ key, detail })) };
}
