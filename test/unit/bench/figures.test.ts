/** Reading figures back from the tables that benches print. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresIn } from '../../../bench/figures';
import { grid, table } from '../../../bench/table';

test('medians of every table by heading, row and column; no least and greatest values, no texts', () => {
  const first = table('step (n = 3)', 'ms', [{ name: 'input', values: [1, 2, 9] }]);
  const second = grid(['passes', 'ratio', 'note'], [['all', '2.70 (2.65 to 2.81)', '4.0, 3.9']]);
  assert.deepEqual(
    figuresIn(`text\n\n${first}\n\n### Cold\n\n${second}\n\n| alone |\n`),
    new Map([
      ['input: median ms', 2],
      ['Cold: all: ratio', 2.7],
    ]),
  );
});
