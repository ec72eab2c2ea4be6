/** A sample of the ONNX project's own tests: shapes equal or unknown, expected values, gradients that agree; what is refused is named. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { casesOf } from '../../../bench/conformance/case';
import type { Checked } from '../../../bench/conformance/check';
import { checkCase } from '../../../bench/conformance/check';
import { root } from '../../support/cli';

const sample = join(root, 'test', 'golden', 'onnx', 'backend.json.gz');

/** With the reason that each gives. */
const refused: Readonly<Record<string, RegExp>> = {
  test_lstm_with_peepholes: /LSTM node "Y_h": it has peepholes/,
};

test('the ONNX project’s own tests, a sample', async (context) => {
  const tally = { shapes: 0, values: 0, gradients: 0, cases: 0 };
  for (const each of casesOf(sample)) {
    await context.test(each.name, async () => {
      const checked: Checked = await checkCase(each);
      const { shapes, values, gradients, why } = checked;
      assert.ok(![shapes, values, gradients].includes('wrong'), why.join('; '));
      const reason = refused[each.name];
      if (reason !== undefined) assert.match(why.join('; '), reason);
      tally.cases += 1;
      tally.shapes += Number(shapes === 'agrees');
      tally.values += Number(values === 'agrees');
      tally.gradients += Number(gradients === 'agrees');
    });
  }
  // Of 108 tests one is refused by name, one the runtime cannot run; six have no input to differentiate by.
  assert.ok(
    tally.cases >= 108 && tally.shapes >= 106 && tally.values >= 106 && tally.gradients >= 100,
    JSON.stringify(tally),
  );
});

test('NOTICE has the checksum of the sample', () => {
  const digest = createHash('sha256').update(readFileSync(sample)).digest('hex');
  assert.ok(readFileSync(join(root, 'NOTICE'), 'utf8').includes(digest));
});
