/** Errors keep everything that a reader or a program needs on their way to another process and back. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FAILURE_CODES, isFailureCode } from '../../../protocol/failure-codes';
import { LensError } from '../../../server/src/errors';
import { fromFailure, toFailure } from '../../../server/src/engine/failure';
import { CheckpointError, type CheckpointProblem } from '../../../server/src/checkpoints/error';
import { failureLine } from '../../../server/src/cli/remedies';
import { PictureError, pictureProblem } from '../../../server/src/imaging/problems';
import { outputError } from '../../../server/src/report/output-error';
import { projectRoot } from '../../../server/src/system/paths';

const problemOf = (code: string): CheckpointProblem =>
  code === 'model-unsafe' ? 'hostile' : (code.slice('model-'.length) as CheckpointProblem);

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

test('a failure of which nothing more is known has the code of its kind', () => {
  for (const kind of new Set(Object.values(FAILURE_CODES).map((row) => row.kind))) {
    assert.equal(FAILURE_CODES[kind].kind, kind);
    const plain = { kind, code: kind, message: 'x', fix: null };
    assert.deepEqual(toFailure(new LensError(kind, 'x')), plain);
    assert.deepEqual(failureLine(new LensError(kind, 'x')), plain);
  }
});

test('every code is given somewhere, and to errors of its kind alone', () => {
  const given = new Set<string>();
  const folder = join(projectRoot(), 'server/src');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    const errors = text
      .split(/(?=new LensError\(|super\('(?:usage|image|model|device|output|internal))/)
      .slice(1);
    for (const error of errors) {
      const kind = /^(?:new LensError|super)\(\s*'(\w+)'/.exec(error)?.[1];
      for (const [, code] of error.matchAll(/code: '([\w-]+)'/g)) {
        if (!isFailureCode(code)) continue; // a note of a picture, or a system's
        assert.equal(FAILURE_CODES[code].kind, kind, `${file}: ${code}`);
        given.add(code);
      }
    }
  }
  // Those that are chosen from a table, and the extension's own.
  for (const code of ['model-damaged', 'model-unsupported', 'model-too-large', 'model-unsafe'])
    given.add(new CheckpointError({ file: 'a' }, 'b', { kind: problemOf(code) }).code);
  for (const trouble of ['damaged', 'unsupported', 'unsafe'] as const)
    given.add(pictureProblem('/a.png', 'png', PictureError[trouble]('x')).code);
  for (const system of ['ENOSPC', 'EACCES'])
    given.add(outputError('/out', Object.assign(new Error(), { code: system })).code);
  given.add('no-report');
  const declared = Object.entries(FAILURE_CODES).flatMap(([code, { kind }]) => (code === kind ? [] : [code]));
  assert.deepEqual(
    declared.filter((code) => !given.has(code)),
    [],
  );
});

for (const [system, code] of [
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', 'not-writable'],
  ['EROFS', 'not-writable'],
  ['EMFILE', 'output'],
] as const) {
  test(`${system} while a report is written: code ${code}`, () => {
    const error = outputError('/out', Object.assign(new Error(system), { code: system }));
    assert.deepEqual([error.kind, error.code], ['output', code]);
  });
}
