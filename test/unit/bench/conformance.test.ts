/** A sample of the ONNX project's own tests: shapes equal or unknown, expected values and gradients that agree. */
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

test('the ONNX project’s own tests, a sample', async (context) => {
  const tally = { shapes: 0, values: 0, gradients: 0, cases: 0 };
  for (const each of casesOf(sample)) {
    await context.test(each.name, async () => {
      const checked: Checked = await checkCase(each);
      const { shapes, values, gradients, why } = checked;
      assert.ok(![shapes, values, gradients].includes('wrong'), why.join('; '));
      tally.cases += 1;
      tally.shapes += Number(shapes === 'agrees');
      tally.values += Number(values === 'agrees');
      tally.gradients += Number(gradients === 'agrees');
    });
  }
  // Of 108 tests the runtime cannot run one; six have no input to differentiate by.
  assert.ok(
    tally.cases >= 108 && tally.shapes >= 107 && tally.values >= 106 && tally.gradients >= 101,
    JSON.stringify(tally),
  );
});

test('NOTICE has the checksum of the sample', () => {
  const digest = createHash('sha256').update(readFileSync(sample)).digest('hex');
  assert.ok(readFileSync(join(root, 'NOTICE'), 'utf8').includes(digest));
});
