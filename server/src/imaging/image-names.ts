/** Whose extension says that they are pictures, of the files of a folder. */
import { extname } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import { LensError } from '../errors';

export const isImageName = (name: string): boolean =>
  IMAGE_EXTENSIONS.some((extension) => `.${extension}` === extname(name).toLowerCase());

/** What a missing file is: a name that is not UTF-8 reaches us with replacement characters, and no file has that name. */
export const missingImage = (path: string, cause?: unknown): LensError =>
  path.includes('\ufffd')
    ? new LensError(
        'image',
        `${path}: expected a file name in UTF-8, found one in another encoding (shown as \ufffd).`,
        { fix: 'Rename the file, for example with convmv, or copy it under a plain name.', cause },
      )
    : new LensError('image', `There is no file ${path}.`, {
        ...{ fix: 'Check the path.', code: 'no-file' },
        cause,
      });
