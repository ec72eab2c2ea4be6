/** What can be wrong with a model of the store, in words. */
import { LensError } from '../errors';
import type { StoredModel } from './entry';

export function idTaken(present: StoredModel, path: string): LensError {
  return new LensError(
    'usage',
    `The store's "${present.id}" is not ${path} but another file (${present.fileName}).`,
    {
      fix: 'Keep one of the two, or give this one another id.',
      remedies: ['other-id', { do: 'remove-model', id: present.id }],
    },
  );
}

export const weightsGone = ({ id, fileName }: StoredModel, path: string): LensError =>
  new LensError('model', `${path}: expected the weights of "${id}", found no file there.`, {
    fix: `Import ${fileName} again, or remove the model.`,
    remedies: ['import-file', { do: 'remove-model', id }],
  });

export const damaged = (
  { id, fileName }: StoredModel,
  path: string,
  expected: string,
  found: string,
): LensError =>
  new LensError('model', `${path}: expected ${expected}, found ${found}.`, {
    fix: `The weights of "${id}" are damaged: import ${fileName} again.`,
  });

export function unreadable(thrown: unknown, path: string): unknown {
  if (thrown instanceof LensError) return thrown;
  return new LensError('model', `${path} cannot be read: ${(thrown as Error).message}.`, {
    cause: thrown,
    fix: 'Check its permissions, or set INFERENCE_LENS_CACHE to a folder of your own.',
  });
}

/** A failed copy is the store's fault (`output`) or the file's (`model`). */
export function storeError(thrown: unknown, path: string, root: string): unknown {
  const { code, message, path: at } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof LensError || code === undefined) return thrown;
  // What is refused may be a folder above the store that is to be made.
  const inStore = at !== undefined && (at.startsWith(root) || root.startsWith(at));
  if (inStore || ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG'].includes(code)) {
    return new LensError('output', `The model store ${root} cannot take ${path}: ${message}.`, {
      cause: thrown,
      fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room that you may write to.',
    });
  }
  return new LensError('model', `${path} cannot be copied: ${message}.`, {
    cause: thrown,
    fix: 'Check the file.',
  });
}
