/** Errors that are meant for users. */
import assert from 'node:assert/strict';
import { LensError } from '../../server/src/errors';

/** What work fails with. */
export const failure = async (work: Promise<unknown>): Promise<LensError> => {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof LensError, String(thrown));
  return thrown;
};

/** The same of one that says what to do. */
export const failureWithFix = async (work: Promise<unknown>): Promise<LensError> => {
  const thrown = await failure(work);
  assert.notEqual(thrown.fix ?? thrown.remedies[0], undefined);
  return thrown;
};
