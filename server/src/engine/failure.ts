/** Errors as they cross a process boundary. */
import type { Failure } from '../../../protocol/failure';
import { LensError } from '../errors';

export const toFailure = ({ kind, message, fix, remedies, code }: LensError): Failure => ({
  ...{ kind, code, message, fix: fix ?? null },
  ...(remedies.length === 0 ? {} : { remedies }),
});

export const fromFailure = ({ kind, message, fix, remedies, code }: Failure): LensError =>
  new LensError(kind, message, {
    code,
    ...(fix === null ? {} : { fix }),
    ...(remedies === undefined ? {} : { remedies }),
  });
