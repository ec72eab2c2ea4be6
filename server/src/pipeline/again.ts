/** What every question about a finished report begins with: the report read, and its image and weights as they were. */
import type { Outcome } from '../../../protocol/failure';
import { LensError } from '../errors';

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
