/** Errors as they cross a process boundary. */
import type { Failure } from '../../../protocol/failure';
import { LensError } from '../errors';

export const toFailure = ({ kind, message, fix, remedies, code }: LensError): Failure => ({
  ...{ kind, message, fix: fix ?? null },
  ...(remedies.length === 0 ? {} : { remedies }),
  ...(code === undefined ? {} : { code }),
});

export const fromFailure = ({ kind, message, fix, remedies, code }: Failure): LensError =>
  new LensError(kind, message, {
    ...(fix === null ? {} : { fix }),
    ...(remedies === undefined ? {} : { remedies }),
    ...(code === undefined ? {} : { code }),
  });
