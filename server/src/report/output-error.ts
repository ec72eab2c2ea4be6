/** What went wrong while writing a report, in the words of someone who has to fix it. */

import { LensError } from '../errors';

/** Any error of the file system as a LensError of kind `output` that names the path and the way out. */
export function outputError(path: string, error: unknown): LensError {
  if (error instanceof LensError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [found, fix] = explanations[code] ?? [
    `an error: ${error instanceof Error ? error.message : String(error)}`,
    'Check the disk or network share, or choose another folder with --output.',
  ];
  return new LensError('output', `${path}: expected to write the report there, found ${found}.`, {
    fix,
    cause: error,
    ...(FULL.includes(code) ? { code: 'disk-full' } : {}),
  });
}

/** No other report would fit either. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT'];

const explanations: Readonly<Record<string, readonly [found: string, fix: string]>> = {
  ENOSPC: ['that the disk is full', 'Free some space, or choose a folder on another disk with --output.'],
  EDQUOT: ['that your disk quota is used up', 'Free some space, or choose another folder with --output.'],
  EFBIG: [
    'that files of this size are not allowed',
    'Raise the file size limit, or choose another folder with --output.',
  ],
  EACCES: ['that you may not write there', 'Choose a folder of your own with --output.'],
  EPERM: ['that you may not write there', 'Choose a folder of your own with --output.'],
  EROFS: ['a read-only file system', 'Choose a writable folder with --output.'],
  ENOTSUP: ['a file system that takes no folders', 'Choose a folder on a disk with --output.'],
  ENOENT: ['that the folder was removed while the report was being written', 'Run the analysis again.'],
  ENOTDIR: ['a file where a folder should be', 'Choose a folder with --output.'],
  EEXIST: ['a file where a folder should be', 'Choose a folder with --output.'],
  ENOTEMPTY: ['that another program wrote there meanwhile', 'Run the analysis again.'],
  ENAMETOOLONG: ['that the path is too long', 'Choose a shorter folder with --output.'],
  EMFILE: ['that too many files are open', 'Raise the limit of open files (ulimit -n).'],
};
