/** What went wrong while writing a report, in the words of whoever has to fix it. */

import { LensError } from '../errors';

/** Any error of the file system as a LensError of kind `output` that names the path and the way out. */
export function outputError(path: string, error: unknown): LensError {
  if (error instanceof LensError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { found, fix, stays } = explanations[code] ?? {
    found: `an error: ${error instanceof Error ? error.message : String(error)}`,
    fix: 'Check the disk or network share.',
  };
  return new LensError('output', `${path}: expected to write the report there, found ${found}.`, {
    ...(fix === undefined ? {} : { fix }),
    ...(stays === true ? {} : { remedies: ['other-folder'] }),
    cause: error,
    code: FULL.includes(code) ? 'disk-full' : CLOSED.includes(code) ? 'not-writable' : 'output',
  });
}

/** No other report would fit either. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT'];

/** To the user who runs this, or to everyone. */
const CLOSED: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOTSUP', 'ENOTDIR', 'EEXIST'];

interface Explanation {
  readonly found: string;
  readonly fix?: string;
  /** Another folder would not help. */
  readonly stays?: true;
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: { found: 'that the disk is full', fix: 'Free some space.' },
  EDQUOT: { found: 'that your disk quota is used up', fix: 'Free some space.' },
  EFBIG: { found: 'that files of this size are not allowed', fix: 'Raise the file size limit.' },
  EACCES: { found: 'that you may not write there' },
  EPERM: { found: 'that you may not write there' },
  EROFS: { found: 'a read-only file system' },
  ENOTSUP: { found: 'a file system that takes no folders' },
  ENOENT: {
    found: 'that the folder was removed while the report was being written',
    fix: 'Run the analysis again.',
    stays: true,
  },
  ENOTDIR: { found: 'a file where a folder should be' },
  EEXIST: { found: 'a file where a folder should be' },
  ENOTEMPTY: {
    found: 'that another program wrote there in the meantime',
    fix: 'Run the analysis again.',
    stays: true,
  },
  ENAMETOOLONG: { found: 'that the path is too long', fix: 'A shorter one is needed.' },
  EMFILE: {
    found: 'that too many files are open',
    fix: 'Raise the limit of open files (ulimit -n).',
    stays: true,
  },
};
