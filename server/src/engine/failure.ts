/** Errors as they cross a process boundary. */
import type { Failure } from '../../../protocol/failure';
import { LensError } from '../errors';

export const toFailure = ({ kind, message, fix, code }: LensError): Failure => ({
  ...{ kind, message, fix: fix ?? null },
  ...(code === undefined ? {} : { code }),
});

export const fromFailure = ({ kind, message, fix, code }: Failure): LensError =>
  new LensError(kind, message, {
    ...(fix === null ? {} : { fix }),
    ...(code === undefined ? {} : { code }),
  });
