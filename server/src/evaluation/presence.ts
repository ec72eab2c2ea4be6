/** Whether the folder of a set is still there: one that is no longer mounted looks like pictures that are missing, one after another. */
import { stat } from 'node:fs/promises';
import { LensError } from '../errors';
import { missingImage } from '../imaging/image-names';
import { isAddress } from './fetch-picture';
import type { Entry, PictureSet } from './labels/entry';
import type { Row } from './row';

/** Spread over the set. */
const MOST_ANCHORS = 8;

export const isMissing = ({ path, error }: Row): boolean => error === missingImage(path).message;

export class Presence {
  private constructor(
    private readonly root: string,
    /** Pictures that were there at the beginning. */
    private readonly anchors: readonly string[],
  ) {}

  static async of({ root, entries }: PictureSet): Promise<Presence> {
    const step = Math.max(1, Math.floor(entries.length / MOST_ANCHORS));
    const some = entries.filter((entry: Entry, at) => at % step === 0 && !isAddress(entry.file));
    const files = some.slice(0, MOST_ANCHORS).map(({ file }) => file);
    const found = await Promise.all(files.map(isThere));
    return new Presence(
      root,
      files.filter((_, at) => found[at] === true),
    );
  }

  /**
   * To be called for a row of a missing picture.
   * @throws LensError of kind `image` if none of the others is there any more either
   */
  async requireSome(): Promise<void> {
    if (this.anchors.length === 0 || (await Promise.all(this.anchors.map(isThere))).includes(true)) return;
    throw new LensError(
      'image',
      `${this.root}: expected the pictures that were there when the evaluation began, found none of them any more.`,
      {
        fix: 'Check that the folder is still there or mounted. Results so far are kept, and the same command resumes.',
      },
    );
  }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
