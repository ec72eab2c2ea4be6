/** Where every question about a finished report begins: the report, and its image and weights as they were. */
import type { Outcome } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';
import type { Stroke } from '../../../protocol/strokes';
import { LensError } from '../errors';
import { decodeImage } from '../imaging/decode';
import type { RgbImage } from '../imaging/image';
import { painted } from './edited';

/** @throws LensError */
export function requireRead<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { kind, code, message, fix } = outcome.failure;
  throw new LensError(kind, message, { code, ...(fix === null ? {} : { fix }) });
}

export function changed(kind: 'image' | 'model', path: string): LensError {
  return new LensError(kind, `${path} has changed since the report was written.`, {
    fix: 'Analyze the image again.',
  });
}

/** The pixels that a report is about, with the same edits. @throws LensError of kind `image` where the file cannot be read or has changed */
export async function imageOf(report: Report, signal: AbortSignal | undefined): Promise<RgbImage> {
  const { path, sha256: expected } = report.input;
  const { image, sha256 } = await decodeImage(path, { signal });
  if (sha256 !== expected) throw changed('image', path);
  const strokes = strokesOf(report);
  return strokes === null ? image : painted(image, path, strokes).image;
}

/** What was painted over the picture; null for the file as it is. Part of every key under which something computed from a report is cached. */
export const strokesOf = ({ options }: Pick<Report, 'options'>): readonly Stroke[] | null =>
  options?.strokes ?? null;
