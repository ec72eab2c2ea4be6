/** A percentage says "none" and "all" only where it is so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentage } from '../../../protocol/percentage';
import type { TableHead } from '../../../server/src/evaluation/row';
import { heatChart } from '../../../server/src/evaluation/summary/charts';
import type { Summary } from '../../../server/src/evaluation/summary/facts';
import { summaryMarkdown } from '../../../server/src/evaluation/summary/markdown';

test('what is neither none nor all is not rounded to it', () => {
  const written = [0, 1e-9, 0.000499, 0.0005, 0.001, 0.7174, 0.9994, 0.9995, 1 - 1e-9, 1].map((share) =>
    percentage(share),
  );
  assert.deepEqual(written, [
    ...['0.0%', '<0.1%', '<0.1%', '0.1%', '0.1%', '71.7%'],
    ...['99.9%', '>99.9%', '>99.9%', '100.0%'],
  ]);
  const finer = [0, 1e-9, 0.00004, 0.0156, 0.99994, 0.99996, 1].map((share) => percentage(share, 2));
  assert.deepEqual(finer, ['0.00%', '<0.01%', '<0.01%', '1.56%', '99.99%', '>99.99%', '100.00%']);
});

test('an evaluation says so in its text and in its charts', () => {
  const asLabelled = 0.0004;
  const better = { accuracy: 0.9999, supposition: 'classes are sorted by name', labels: ['a', 'b'] };
  const markdown = summaryMarkdown(
    { ...EMPTY, order: { asLabelled, better } } as unknown as Summary,
    HEAD as unknown as TableHead,
    [],
  );
  assert.match(markdown, /<0\.1% as labeled, >99\.9% if classes are sorted by name/);
  const grid = [1 - 1e-9, ...Array.from({ length: 63 }, () => 1e-9 / 63)];
  const chart = heatChart('layer', [{ name: 'all', count: 1, grid }]);
  assert.match(chart, /<title>&gt;99\.99%<\/title>/);
  assert.match(chart, /<title>&lt;0\.01%<\/title>/);
  assert.match(chart, /darkest &gt;99\.9% in a cell/);
});

const EMPTY = {
  rows: { all: 2, labelled: 2, failed: 0, undecided: 0 },
  ...{ metrics: null, suspects: null, worst: [], layers: [], warnings: [], errors: [], unmeasured: null },
};
const HEAD = { model: { name: 'm', architecture: 'a', sha256: '0'.repeat(64) }, device: 'cpu' };
