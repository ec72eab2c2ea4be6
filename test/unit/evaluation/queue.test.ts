/** What of a queue needs no server: its address and plan, its rows and pictures, and the commands that docs/scale.md gives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEvaluate } from '../../../server/src/cli/evaluate-options';
import { parseAddress } from '../../../server/src/cli/queue-option';
import { parseWorker } from '../../../server/src/cli/worker-options';
import { LensError } from '../../../server/src/errors';
import { shown } from '../../../server/src/evaluation/queue/address';
import { Collected } from '../../../server/src/evaluation/queue/collect';
import { parsePlan, type Plan } from '../../../server/src/evaluation/queue/plan';
import { requireSight, witnessOf } from '../../../server/src/evaluation/queue/sight';
import { rowLine } from '../../../server/src/evaluation/table/journal';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { root } from '../../support/cli';
import { failureWithFix } from '../../support/failure';
import { picture, put } from '../../support/labelled-set';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('queue-alone');

test('an address shows no password, and refuses what it does not know without repeating it', () => {
  const address = parseAddress('rediss://worker:p%40ss@[::1]:6380/3');
  assert.deepEqual([address.password, address.host, address.database, address.tls], ['p@ss', '::1', 3, true]);
  assert.equal(shown(address), 'rediss://worker@[::1]:6380/3');
  for (const text of [
    'http://:secret@a',
    'secret',
    'redis://:secret@a/x',
    'redis://:secret@a?b',
    'redis://:secret%zz@a',
    'redis://',
  ])
    assert.throws(
      () => parseAddress(text),
      (error) =>
        error instanceof LensError &&
        error.kind === 'usage' &&
        !`${error.message}${error.fix ?? ''}`.includes('secret'),
      text,
    );
});

test('a queue of another version is left alone', () => {
  for (const text of ['{"format":2,"software":"9.9","token":"a","head":{}}', 'x', 'null'])
    assert.throws(
      () => parsePlan(text, 'redis://a:1'),
      /redis:\/\/a:1: expected a queue of version 1, found one of version/,
    );
});

test('rows of other pictures than the job has are not collected', async () => {
  const place = join(folder, 'collected');
  const head = { set: { count: 2, sha256: '' } } as Plan['head'];
  const collected = await Collected.open(place, { jobSize: 2, jobs: 1, head });
  const lines = (...paths: readonly string[]): string =>
    paths
      .map((path, index) => rowLine(failedRow({ index, path, label: null, labelIndex: null }, 'x')))
      .join('');
  const pathOf = (row: number): string | undefined => ['a.png', 'b.png'][row];
  const wrong = await failureWithFix(collected.keep(0, lines('a.png', 'c.png'), pathOf));
  assert.match(wrong.message, /expected rows 0 to 1, found others/);
  assert.equal((await collected.keep(0, lines('a.png', 'b.png'), pathOf)).length, 2);
});

test('a worker that sees another picture of the same length is refused', async () => {
  const [one, other] = [join(folder, 'sight', 'one'), join(folder, 'sight', 'other')];
  put(join(one, 'a.ppm'), picture(0, 0));
  put(join(other, 'a.ppm'), picture(1, 0));
  const seen = await witnessOf(join(one, 'a.ppm'));
  assert.ok(seen !== null);
  const plan = { witnesses: [{ path: 'a.ppm', ...seen }] };
  await requireSight(one, plan);
  assert.match((await failureWithFix(requireSight(other, plan))).message, /found another one of this length/);
});

/** In shell lines, and in lists of YAML. */
test('the commands of docs/scale.md are read as they stand', () => {
  const text = readFileSync(join(root, 'docs', 'scale.md'), 'utf8');
  const lines = [...text.matchAll(/^ {4}(?:npx )?inference-lens (.*?)(?: +#.*)?$/gm)].map(([, line = '']) =>
    line.split(/\s+/),
  );
  const lists = [...text.matchAll(/\[npx, inference-lens, (.*)\]/g)].map(([, list = '']) => list.split(', '));
  const commands = [...lines, ...lists].map((words) => words.map((word) => word.replace(/^\$.*/, '4')));
  assert.ok(commands.length >= 4, String(commands.length));
  for (const [name, ...args] of commands) {
    if (name === 'evaluate') parseEvaluate(args, { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '100' });
    else if (name === 'worker') parseWorker(args, {});
    else assert.equal(name, 'merge');
  }
});
