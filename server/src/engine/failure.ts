/** Errors as they cross a process boundary. */
import type { Failure } from '../../../protocol/failure';
import { LensError } from '../errors';

export const toFailure = ({ kind, message, fix }: LensError): Failure => ({
  kind,
  message,
  fix: fix ?? null,
});

export const fromFailure = ({ kind, message, fix }: Failure): LensError =>
  new LensError(kind, message, fix === null ? {} : { fix });
