/** Expects a LensError that tells the reader everything. */
import assert from 'node:assert/strict';
import { LensError } from '../../../../server/src/errors';

/** Matches a LensError of kind `model` with exactly this message and some advice. */
export function modelError(message: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof LensError, String(thrown));
    assert.equal(thrown.message, message);
    assert.equal(thrown.kind, 'model');
    assert.ok((thrown.fix ?? '').length > 10, 'says what to do');
    return true;
  };
}
