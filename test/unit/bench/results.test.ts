/** RESULTS.md: a bench replaces its own section only; names lead to scripts. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { benches, findBench, listing } from '../../../bench/benches';
import { slopeKb } from '../../../bench/growth/images';
import { headingOf, INTRODUCTION, withSection } from '../../../bench/results';
import { ratios, spread, table } from '../../../bench/table';
import { projectRoot } from '../../../server/src/system/paths';

const order = ['steps', 'explain', 'peers'];
const headings = (page: string): readonly string[] =>
  page.split('\n').filter((line) => line.startsWith('## '));

test('an empty page gets an introduction and the section', () => {
  assert.equal(
    withSection('', 'steps', 'body', order),
    `${INTRODUCTION}\n\n## \`npm run bench steps\`\n\nbody\n`,
  );
});

test('a section replaces its own and leaves the others to the letter', () => {
  const first = ['steps', 'explain', 'peers'].reduce(
    (page, name) => withSection(page, name, `old ${name}`, order),
    '',
  );
  const second = withSection(first, 'explain', 'new\n\n### part\n\n| a |', order);
  assert.equal(second, first.replace('old explain', 'new\n\n### part\n\n| a |'));
  assert.equal(withSection(second, 'explain', 'old explain', order), first);
});

test('sections stand in the order of the benches, whatever ran first, and before sections of others', () => {
  const other = withSection('', 'peers', 'p', order) + '\n## By hand\n\nstays\n';
  const page = ['explain', 'steps'].reduce((text, name) => withSection(text, name, name, order), other);
  assert.deepEqual(headings(page), [...order.map(headingOf), '## By hand']);
  assert.match(page, /## By hand\n\nstays\n$/);
});

test('every name leads to a script, and an unknown one to the list', () => {
  for (const { name } of benches) assert.ok(existsSync(join(projectRoot(), 'bench', `${name}.ts`)), name);
  assert.equal(new Set(benches.map(({ name }) => name)).size, benches.length);
  assert.throws(
    () => findBench('stepps'),
    (error: Error) =>
      benches.every(({ name }) => error.message.includes(name)) && error.message.includes('stepps'),
  );
  assert.equal(listing().split('\n').length, benches.length);
});

test('tables hold median, least and greatest, and how many there were', () => {
  const text = table('thing', 'ms', [{ name: 'a', values: [3, 1, 2] }]);
  assert.equal(
    text,
    '| thing (n = 3) | median ms | min | max |\n|---|---:|---:|---:|\n| a | 2.0 | 1.0 | 3.0 |',
  );
  assert.equal(spread([4, 1, 3, 2]), '3 (1 to 4)'); // 2.5 rounds up
  assert.equal(ratios([4, 9, 8], [2, 3, 8]), 'median 2.00, from 1.00 to 3.00');
});

test('growth is that of the later half, where the caches have filled', () => {
  const filling = Array.from({ length: 50 }, (_, i) => 100 + i);
  const flat = Array.from({ length: 50 }, () => 150);
  assert.equal(slopeKb([...filling, ...flat]), 0);
  const leaking = Array.from({ length: 100 }, (_, i) => 200 + 0.5 * i + (i % 2));
  assert.ok(Math.abs(slopeKb(leaking) - 500) < 5, `${slopeKb(leaking)}`);
  assert.ok(Number.isNaN(slopeKb([1, 2, 3])));
});
