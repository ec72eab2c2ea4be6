/** Every rule against central differences over a table of shapes and attributes; a rule without a case fails. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { standardRules } from '../../../server/src/autodiff/rules';
import { pointwiseCases } from './cases/pointwise';
import { pickingCases } from './cases/picking';
import { structureCases } from './cases/structure';
import { windowCases } from './cases/windows';
import { checkGradient } from './central-differences';

const cases = [...pointwiseCases, ...windowCases, ...structureCases, ...pickingCases];

test('every registered rule has a case at an opset where it applies', () => {
  const untested = standardRules
    .all()
    .filter(
      (rule) =>
        !cases.some(
          ({ op, opsets = [17] }) =>
            op === rule.opType && opsets.some((opset) => standardRules.lookup(op, opset) === rule),
        ),
    )
    .map(({ opType, since }) => `${opType} (since ${since})`);
  assert.deepEqual(untested, []);
});

for (const op of new Set(cases.map((row) => row.op))) {
  describe(op, () => {
    for (const row of cases.filter((other) => other.op === op)) {
      for (const opset of row.opsets ?? [17]) {
        test(`${row.name}, opset ${opset}`, () => checkGradient(row, opset));
      }
    }
  });
}
