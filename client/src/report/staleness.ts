/** What changed since a report was written, as sentences for its reader. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Report } from '../../../protocol/report';

/** @param weights the weights chosen now: an id or a path; null leaves the choice to the pipeline */
export async function staleness(report: Report, weights: string | null): Promise<readonly string[]> {
  return [await imageChange(report), weightsChange(report, weights)].filter((reason) => reason !== null);
}

async function imageChange({ input, timestamp }: Report): Promise<string | null> {
  const file = await stat(input.path).catch(() => null);
  if (!file) return 'The image is no longer where it was.';
  // Hashing is for the case where it matters: another size or a later time.
  const later = file.mtime > new Date(timestamp);
  if (file.size === input.bytes && !later) return null;
  const same = file.size === input.bytes && (await sha256(input.path)) === input.sha256;
  return same ? null : 'The image has changed since.';
}

async function sha256(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return null; // vanished or unreadable: not the same
  }
}

function weightsChange({ model }: Report, weights: string | null): string | null {
  const same = weights === null || weights === model.name || weights === model.path;
  if (same || (weights === 'demo' && model.untrained)) return null;
  return `The selected weights are now ${weights}; this report used ${model.name}.`;
}
