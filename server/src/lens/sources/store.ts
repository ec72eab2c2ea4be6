/** The lens that is bound to weights in the store. */
import { parseLens } from '../parse';
import { builtInLens } from '../lens-file';
import type { LensSource } from '../values';
import { fromLens } from './from-lens';

/** How the lens of a record begins that was made of the files beside the model. */
export const LEFT_BESIDE = '// Read beside the model when it was imported:';

/** Of a record in the store. */
interface Stored {
  readonly id: string;
  readonly architecture: string;
  /** Text of a lens. */
  readonly lens?: string;
}

/** Its own; else, where its id is the name of a built-in lens for this network, that one. */
export async function fromStore({ id, architecture, lens }: Stored): Promise<LensSource | null> {
  if (lens !== undefined) {
    const source = `the lens of ${id} in the store`;
    const parsed = {
      ...parseLens(lens, source),
      name: id,
      path: null,
      folder: null,
      derived: lens.startsWith(LEFT_BESIDE),
    };
    return fromLens(parsed, 'store', `The lens of ${id} in the store`, { trusted: false, never: true });
  }
  const named = builtInLens(id);
  if (named === null || named.lens.model !== architecture) return null;
  return fromLens(named, 'store', `The lens ${id}`, { trusted: false, never: true });
}
