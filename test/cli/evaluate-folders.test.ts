/** What lies where an evaluation is to be written, and in the folder that it reads: nothing of others is removed or counted, and two runs do not mix. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readSet } from '../../server/src/evaluation/labels/read-set';
import { TextFile } from '../../server/src/evaluation/table/text-file';
import { ownedName } from '../../files/owner';
import { cliPath, testCache } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { picture, put, SET_CLASSES, writeSet, writeSetModel } from '../support/labelled-set';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('evaluate-folders');
const set = join(folder, 'set');
const model = writeSetModel(join(folder, 'model'));
const turned = writeSetModel(join(folder, 'turned'), SET_CLASSES.toReversed());
const evaluate = (source: string, output: string, weights = model, ...more: readonly string[]) =>
  residentCli(['evaluate', source, '--weights', weights, '--device', 'cpu', '--output', output, ...more]);
const classesIn = (output: string): readonly string[] =>
  (
    JSON.parse(readFileSync(join(output, 'evaluation', 'head.json'), 'utf8')) as {
      readonly head: { readonly classes: readonly string[] };
    }
  ).head.classes;

before(() => {
  writeSet(set, 60);
});

test('two runs into one folder: the second waits, and takes the first’s place only where that is wanted', async () => {
  const output = join(folder, 'two');
  const [one, other] = await Promise.all([evaluate(set, output), evaluate(set, output, turned)]);
  const [first, second] = one.code === 0 ? [SET_CLASSES, other] : [SET_CLASSES.toReversed(), one];
  assert.equal(second.code, 2, second.stderr);
  assert.match(second.stderr, /already holds another evaluation, which differs in its classes/);
  assert.deepEqual(classesIn(output), first);
  const replaced = await evaluate(set, output, turned, '--replace');
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.deepEqual(classesIn(output), SET_CLASSES.toReversed());
});

test('a folder of pictures that has the evaluation’s name is never removed', async () => {
  const output = join(folder, 'outer');
  const pictures = join(output, 'evaluation');
  cpSync(join(set, 'red'), join(pictures, 'red'), { recursive: true });
  for (const more of [[], ['--replace']]) {
    const { code, stderr } = await evaluate(pictures, output, model, ...more);
    assert.equal(code, 2);
    assert.match(stderr, /expected an evaluation or nothing, found a folder of something else/);
  }
  assert.equal(readdirSync(join(pictures, 'red')).length, 60);
});

test('reports and masks below the set are not pictures of it, and neither is what an evaluation wrote', async () => {
  const source = join(folder, 'mixed');
  put(join(source, 'red', 'a.ppm'), picture(0, 0));
  put(join(source, 'masks', 'red', 'a.ppm'), picture(1, 0));
  const options = ['--weights', model, '--device', 'cpu', '--detector', 'none'];
  const { code, stderr } = await residentCli([
    ...['analyze', join(source, 'red', 'a.ppm'), ...options],
    ...['--output', join(source, 'reports')],
  ]);
  assert.equal(code, 0, stderr);
  const [report = ''] = readdirSync(join(source, 'reports'));
  cpSync(join(source, 'reports', report), join(source, 'renamed'), { recursive: true });
  const none = { labels: null, pathColumn: null, labelColumn: null, root: null };
  const { entries, note = '' } = await readSet({ source, ...none, except: join(source, 'masks') });
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['red/a.ppm'],
  );
  assert.match(
    note,
    /^Reports are not part of the set: renamed\/result\/, reports\/.+\/\. Masks .+: masks\/\.$/,
  );
});

test(
  'a disk that fills up while the table is written is an error, and the same command goes on',
  { skip: process.platform !== 'linux' && 'no /dev/full' },
  async () => {
    const full = await TextFile.create('/dev/full', 'w');
    await assert.rejects(async () => {
      for (let i = 0; i < 100; i++) await full.write('x'.repeat(10_000));
    }, /ENOSPC/);
    await full.abandon();
    const output = join(folder, 'full');
    const command = ['evaluate', set, '--weights', model, '--device', 'cpu', '--output', output];
    const limit = 'ulimit -f 100 && exec "$@"'; // blocks of 512 bytes, less than the rows take
    const limited = spawnSync('sh', ['-c', limit, 'sh', process.execPath, cliPath, ...command], {
      encoding: 'utf8',
      env: { ...process.env, INFERENCE_LENS_CACHE: testCache },
    });
    assert.equal(limited.status, 6, limited.stderr);
    assert.match(limited.stderr, /found that files of this size are not allowed/);
    assert.ok(!existsSync(join(output, 'evaluation')));
    const dead = { pid: 2 ** 22 + 1, host: hostname(), started: 1 }; // beyond the ids that Linux gives
    put(join(output, `${ownedName('.evaluation.', dead)}new`, 'rows.csv'), '');
    const again = await evaluate(set, output);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(readdirSync(output), ['evaluation']);
  },
);
