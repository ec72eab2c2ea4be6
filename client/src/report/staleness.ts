/** What has changed since a report was written. */
import { createHash } from 'node:crypto';
import { withFileAt, type OpenFile } from '../../../files/regular-file';
import type { Report } from '../../../protocol/report';

export type Stale =
  | { readonly what: 'image-changed' | 'image-gone' }
  | { readonly what: 'other-weights'; readonly now: string; readonly used: string };

/** No image that can be analyzed is larger; the report may name anything. */
const MOST_BYTES = 1 << 30;

/** Bytes read at once. */
const PIECE = 4 << 20;

/** Weights that are chosen now: an id, or a path as it is written, and the file that it would be. */
export interface ChosenWeights {
  readonly name: string;
  readonly path: string;
}

/** @param weights null leaves the choice to the pipeline */
export async function staleness(report: Report, weights: ChosenWeights | null): Promise<readonly Stale[]> {
  return [await imageChange(report), weightsChange(report, weights)].filter((reason) => reason !== null);
}

/** The report names the image, so it may be a device, a pipe or a link to either: only a regular file is looked into. */
async function imageChange({ input, timestamp }: Report): Promise<Stale | null> {
  try {
    return await withFileAt(input.path, MOST_BYTES, async (file) => {
      // Hashing is for the case where it matters: another size or a later time.
      const later = file.changed > new Date(timestamp);
      if (file.bytes === input.bytes && !later) return null;
      const same = file.bytes === input.bytes && (await sha256(file)) === input.sha256;
      return same ? null : { what: 'image-changed' };
    });
  } catch {
    return { what: 'image-gone' };
  }
}

async function sha256({ bytes, read }: OpenFile): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += PIECE) hash.update(await read(at, Math.min(PIECE, bytes - at)));
  return hash.digest('hex');
}

function weightsChange({ model }: Report, weights: ChosenWeights | null): Stale | null {
  if (weights === null) return null;
  const { name, path } = weights;
  const same = name === model.name || name === model.path || path === model.path;
  if (same || (name === 'demo' && model.untrained)) return null;
  return { what: 'other-weights', now: name, used: model.name };
}
