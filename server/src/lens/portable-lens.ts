/**
 * A lens as it is saved in the store: without the key "model", since it is bound to stored weights, and with
 * its labels written out. Comments are preserved.
 */
import { edited, removeValue, setValue } from './edit-lens';
import type { FileLens } from './lens-file';
import { labelsOfLens } from './lens-labels';
import type { PathTrust } from './lens-paths';

/** @throws LensError of kind `usage` where its labels cannot be read */
export async function portableLens({ text, ...lens }: FileLens, trust: PathTrust): Promise<string> {
  const alone = lens.lens.model === undefined ? text : edited(text, removeValue(text, ['model']));
  if (typeof lens.lens.labels !== 'string') return alone;
  const found = await labelsOfLens(lens, trust);
  return edited(alone, setValue(alone, ['labels'], found?.labels ?? []));
}
