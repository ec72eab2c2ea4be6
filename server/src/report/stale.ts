/** Temporary report folders whose process has died: found by the owner they name, and removed. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAbandoned } from '../system/abandoned';
import { thisProcess } from '../system/owner';

/** `.<process id>.partial`, beside the reports. */
export const partialName = (id: string): string => `.${id}.partial`;

const PARTIAL = /^\..+_inference_.+\.partial$/;

/** Names the process that writes the folder; removed before the folder gets its final name. */
export const OWNER_FILE = 'owner.json';

/** A folder that names no owner was left between two system calls; it is certainly dead after this time. */
const OWNERLESS_AFTER_MS = 3_600_000;

export function writeOwner(folder: string): Promise<void> {
  return writeFile(join(folder, OWNER_FILE), JSON.stringify(thisProcess()));
}

/** Removes what dead processes of this machine left in `output`. Best effort: whatever cannot be judged stays. */
export const removeStale = (output: string): Promise<void> =>
  removeAbandoned(output, {
    matches: (name) => PARTIAL.test(name),
    ownerFile: OWNER_FILE,
    ownerlessMs: OWNERLESS_AFTER_MS,
  });
