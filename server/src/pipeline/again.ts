/** What every question about a finished report begins with: the report read, and its image and weights as they were. */
import type { Outcome } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';
import { LensError } from '../errors';
import { decodeImage } from '../imaging/decode';
import type { RgbImage } from '../imaging/image';

/** @throws LensError */
export function requireRead<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { kind, message, fix } = outcome.failure;
  throw new LensError(kind, message, fix === null ? {} : { fix });
}

export function changed(kind: 'image' | 'model', path: string): LensError {
  return new LensError(kind, `${path} has changed since the report was written.`, {
    fix: 'Analyze the image again.',
  });
}

/** The pixels that a report is about. @throws LensError of kind `image` where the file cannot be read or has changed */
export async function imageOf({ input }: Report, signal: AbortSignal | undefined): Promise<RgbImage> {
  const { image, sha256 } = await decodeImage(input.path, { signal });
  if (sha256 !== input.sha256) throw changed('image', input.path);
  return image;
}
