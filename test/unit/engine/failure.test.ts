/** Errors keep everything that a reader or a program needs on their way to another process and back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { fromFailure, toFailure } from '../../../server/src/engine/failure';
import { outputError } from '../../../server/src/report/output-error';

const errors: readonly LensError[] = [
  new LensError('image', 'a.png: expected a face', { fix: 'Use --box.', code: 'no-face' }),
  new LensError('model', 'no fix and no code'),
];
for (const error of errors) {
  test(`there and back: ${error.message}`, () => {
    const { kind, message, fix, code } = fromFailure(structuredClone(toFailure(error)));
    assert.deepEqual(
      { kind, message, fix, code },
      {
        ...{ kind: error.kind, message: error.message },
        ...{ fix: error.fix, code: error.code },
      },
    );
  });
}

test('a failure without a code has no such field, so that older readers see what they know', () => {
  assert.deepEqual(toFailure(new LensError('usage', 'x')), { kind: 'usage', message: 'x', fix: null });
});

for (const [system, code] of [
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', undefined],
] as const) {
  test(`${system} while a report is written: code ${code ?? 'none'}`, () => {
    const error = outputError('/out', Object.assign(new Error(system), { code: system }));
    assert.deepEqual([error.kind, error.code], ['output', code]);
  });
}
