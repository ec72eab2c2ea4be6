/** Temporary report folders: their names say whose they are, and those whose process has died are removed. */

import { removeAbandoned } from '../system/abandoned';
import { ownedName } from '../../../files/owner';

const claimOf = (id: string): string => `.${id}.`;

/** `.<process id>.<owner>.partial`, beside the reports: from the moment it exists it is known whose it is. */
export const partialName = (id: string): string => `${ownedName(claimOf(id))}.partial`;

/**
 * Whether the entry `name` of an output folder is an unfinished report with this process id, no matter which process writes it. Names that
 * differ in case only are one on macOS and Windows.
 */
export const isPartialOf = (id: string, name: string): boolean =>
  name.toLowerCase().startsWith(claimOf(id).toLowerCase()) && name.endsWith('.partial');

const PARTIAL = /^\..+_inference_.+\.partial$/;

/** A folder that names no owner was not made by this version; it is certainly dead after this time. */
const OWNERLESS_AFTER_MS = 3_600_000;

/** Removes what dead processes of this machine left in `output`. Best effort: whatever cannot be judged stays. */
export const removeStale = (output: string): Promise<void> =>
  removeAbandoned(output, { matches: (name) => PARTIAL.test(name), ownerlessMs: OWNERLESS_AFTER_MS });
