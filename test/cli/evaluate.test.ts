/** `inference-lens evaluate` and `merge` as built: tables, labels, what is wrong with a set, resuming, and many machines. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import type { Summary } from '../../server/src/evaluation/summary/facts';
import { cliPath, testCache } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { picture, put, SET_CLASSES, writeSet, writeSetModel } from '../support/labelled-set';
import { filesBelow } from '../support/report';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('evaluate');
const set = join(folder, 'set');
const model = writeSetModel(join(folder, 'model'));
const network = ['--weights', model, '--device', 'cpu'] as const;
const whole = join(folder, 'whole');
const COUNT = 20;

const evaluate = (source: string, output: string, ...more: readonly string[]) =>
  residentCli(['evaluate', source, ...network, '--output', output, ...more]);

const csvOf = (output: string): readonly string[] =>
  readFileSync(join(output, 'evaluation', 'rows.csv'), 'utf8')
    .trimEnd()
    .split('\n');

const parquetOf = (output: string): Promise<Record<string, unknown>[]> => {
  const bytes = readFileSync(join(output, 'evaluation', 'rows.parquet'));
  return parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  });
};

const summaryIn = (output: string): Summary =>
  JSON.parse(readFileSync(join(output, 'evaluation', 'summary.json'), 'utf8')) as Summary;

/** Every file of a finished evaluation, byte for byte. */
function sameEvaluation(a: string, b: string): void {
  const [one, other] = [join(a, 'evaluation'), join(b, 'evaluation')];
  assert.deepEqual(filesBelow(one), filesBelow(other));
  for (const name of filesBelow(one))
    assert.ok(readFileSync(join(one, name)).equals(readFileSync(join(other, name))), name);
}

before(async () => {
  writeSet(set, COUNT);
  put(join(set, 'red', 'broken.png'), 'no picture');
  const { code, stderr } = await evaluate(set, whole, '--layers', 'conv2');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /red\/broken\.png/);
});

describe('a labeled folder', () => {
  test('gives the same rows as CSV and Parquet, a broken picture among them', async () => {
    const rows = await parquetOf(whole);
    const [header = '', ...lines] = csvOf(whole);
    assert.equal(rows.length, 3 * COUNT + 1);
    assert.equal(lines.length, rows.length);
    assert.deepEqual(
      Object.keys(rows[0]!),
      [...header.matchAll(/"([^"]*)"/g)].map(([, name]) => name),
    );
    const broken = rows.find(({ path }) => path === 'red/broken.png')!;
    assert.match(String(broken['error']), /no image|not an image|is text|unknown/i);
    assert.equal(broken['predicted'], null);
    for (const row of rows.filter(({ error }) => error === null)) {
      const probabilities = SET_CLASSES.map((name) => row[`p_${name}`] as number);
      assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-6); // the network's own float32
      assert.equal(row['predicted'], SET_CLASSES[row['predicted_index'] as number]);
      assert.equal(row['correct'], row['predicted'] === row['label']);
      const p = probabilities[row['label_index'] as number]!;
      assert.ok(Math.abs((row['loss'] as number) + Math.log(p)) < 1e-6, 'loss');
      const grid = row['heat_grid:conv2'] as number[] | null;
      if (grid !== null) assert.ok(Math.abs(grid.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    }
  });

  test('has a summary that counts the rows of the table', async () => {
    const summary = summaryIn(whole);
    const rows = (await parquetOf(whole)).filter(({ error }) => error === null);
    assert.deepEqual(summary.rows, {
      all: rows.length + 1,
      failed: 1,
      labelled: rows.length + 1,
      undecided: 0,
    });
    assert.equal(
      summary.metrics!.accuracy,
      rows.filter(({ correct }) => correct === true).length / rows.length,
    );
    const losses = rows.map(({ loss }) => loss as number);
    assert.ok(Math.abs(summary.metrics!.logLoss! - losses.reduce((a, b) => a + b, 0) / losses.length) < 1e-6);
    assert.deepEqual(
      summary.errors.map(({ path }) => path),
      ['red/broken.png'],
    );
    for (const chart of ['confusion', 'roc', 'calibration', 'heat-1'])
      assert.match(readFileSync(join(whole, 'evaluation', 'charts', `${chart}.svg`), 'utf8'), /^<svg /);
  });

  test('is not computed a second time, and not mixed with another', async () => {
    const again = await evaluate(set, whole, '--layers', 'conv2');
    assert.equal(again.code, 0);
    assert.match(again.stdout, /already exists/);
    assert.doesNotMatch(again.stderr, /Since this evaluation/);
    const other = await evaluate(set, whole);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /another evaluation, which differs in its layers[\s\S]*--replace/);
  });
});

describe('labels', () => {
  const sets = join(folder, 'labels');
  before(() => writeSet(join(sets, 'flat'), 2));

  test('of a manifest that are not classes are an error that names them', async () => {
    put(join(sets, 'flat', 'bad.csv'), 'path,label\nred/0000.ppm,red\nred/0001.ppm,crimson\n');
    const { code, stderr } = await evaluate(join(sets, 'flat', 'bad.csv'), join(sets, 'o'));
    assert.equal(code, 2);
    assert.match(
      stderr,
      /bad\.csv: the label "crimson" is not a class of the network, which has 3: "red", "green", "blue"/,
    );
    const mapped = await evaluate(
      join(sets, 'flat', 'bad.csv'),
      join(sets, 'mapped'),
      '--map',
      'crimson=red',
    );
    assert.equal(mapped.code, 0, mapped.stderr);
  });

  test('of folders that nobody called labels are a warning, and no metric', async () => {
    writeSet(join(sets, 'train'), 1);
    cpSync(join(sets, 'train', 'red'), join(sets, 'train', 'violet'), { recursive: true });
    const { code, stderr, stdout } = await evaluate(join(sets, 'train'), join(sets, 'guessed'));
    assert.equal(code, 0);
    assert.match(stderr, /"violet" is not a class/);
    assert.match(stdout, /no metrics/);
    const named = await evaluate(join(sets, 'train'), join(sets, 'named'), '--labels', 'folders');
    assert.equal(named.code, 2);
    assert.match(named.stderr, /"violet" is not a class/);
  });

  test('are the same from CSV, JSON lines, COCO and a pattern', async () => {
    const at = join(sets, 'flat');
    const listed = SET_CLASSES.flatMap((label) =>
      ['0000', '0001'].map((name) => [`${label}/${name}.ppm`, label] as const),
    );
    put(
      join(at, 'set.csv'),
      `﻿file;Label\r\n${listed.map(([path, label]) => `"${path}";${label.toUpperCase()}`).join('\r\n')}`,
    );
    put(
      join(at, 'set.jsonl'),
      listed
        .map(([path, label]) => JSON.stringify({ file_name: path, label: SET_CLASSES.indexOf(label) }))
        .join('\n'),
    );
    const coco = {
      images: listed.map(([path], id) => ({ id, file_name: path })),
      categories: SET_CLASSES.map((name, index) => ({ id: 10 + index, name })),
      annotations: listed.map(([, label], id) => ({
        image_id: id,
        category_id: 10 + SET_CLASSES.indexOf(label),
      })),
    };
    put(join(at, 'set.json'), JSON.stringify(coco));
    const from: readonly (readonly [string, ...string[]])[] = [
      [join(at, 'set.csv')],
      [join(at, 'set.jsonl')],
      [join(at, 'set.json')],
      [at, '--labels', '{label}/*'],
    ];
    const verdicts: unknown[] = [];
    for (const [index, [source, ...more]] of from.entries()) {
      const output = join(sets, `from-${index}`);
      const { code, stderr } = await evaluate(source, output, ...more);
      assert.equal(code, 0, stderr);
      const rows = (await parquetOf(output)).sort((a, b) => (String(a['path']) < String(b['path']) ? -1 : 1));
      verdicts.push(rows.map(({ path, label_index, correct, loss }) => [path, label_index, correct, loss]));
    }
    for (const each of verdicts.slice(1)) assert.deepEqual(each, verdicts[0]);

    const [first] = coco.annotations;
    const several = [...coco.annotations, { ...first, category_id: 12 }];
    put(join(at, 'several.json'), JSON.stringify({ ...coco, annotations: several }));
    const { code, stderr } = await evaluate(join(at, 'several.json'), join(sets, 'several'));
    assert.equal(code, 2);
    assert.match(
      stderr,
      /expected one label for each picture.*found several \(red, blue\) for red\/0000\.ppm/,
    );
  });
});

test('file names stay exact and are not formulas', async () => {
  const place = join(folder, 'names');
  const names = ['=HYPERLINK("http:x").ppm', '+1.ppm', '@a, "b".ppm', '-2\n3.ppm'];
  names.forEach((name, i) => put(join(place, 'set', name), picture(i, 0)));
  const { code, stderr } = await evaluate(join(place, 'set'), join(place, 'o'));
  assert.equal(code, 0, stderr);
  const rows = await parquetOf(join(place, 'o'));
  assert.deepEqual(
    rows.map(({ path }) => path),
    names.toSorted(),
  );
  const csv = csvOf(join(place, 'o')).join('\n');
  assert.ok(
    csv.includes('"./=HYPERLINK(""http:x"").ppm"') &&
      csv.includes('"./@a, ""b"".ppm"') &&
      csv.includes('"./-2\n3.ppm"'),
  );
});

test('a manifest reads nothing outside of its folder, by path or by link', async () => {
  const place = join(folder, 'outside');
  put(join(place, 'secret.ppm'), picture(0, 0));
  put(join(place, 'in', 'set.csv'), 'path\n../secret.ppm\n');
  const { code, stderr } = await evaluate(join(place, 'in', 'set.csv'), join(place, 'o'));
  assert.equal(code, 2);
  assert.match(stderr, /expected paths below .*found \.\.\/secret\.ppm/);
  symlinkSync(join(place, 'secret.ppm'), join(place, 'in', 'link.ppm'));
  put(join(place, 'in', 'set.csv'), 'path\nlink.ppm\n');
  assert.equal((await evaluate(join(place, 'in', 'set.csv'), join(place, 'o'))).code, 3);
  assert.match(String((await parquetOf(join(place, 'o')))[0]!['error']), /leaves the folder/);
});

test('a set of which no picture can be evaluated ends with 3, and its table says why', async () => {
  const place = join(folder, 'pointers');
  for (const name of ['a', 'b', 'c']) put(join(place, 'red', `${name}.png`), 'version https://git-lfs');
  const { code, stdout, stderr } = await evaluate(place, join(place, 'o'));
  assert.equal(code, 3, stderr);
  assert.match(stdout, /3 pictures, 3 could not be evaluated/);
  assert.match(
    stderr,
    /expected pictures that can be evaluated, found none among 3\. The first is red\/a\.png: /,
  );
  assert.equal((await parquetOf(join(place, 'o'))).length, 3);
  const again = await evaluate(place, join(place, 'o'), '--json');
  assert.equal(again.code, 3, 'also of one that already exists');
  const answer = JSON.parse(again.stdout) as { ok: boolean; failure: { kind: string }; summary: Summary };
  assert.deepEqual([answer.ok, answer.failure.kind, answer.summary.rows.failed], [false, 'image', 3]);
  put(join(place, 'red', 'd.ppm'), picture(0, 0));
  assert.equal((await evaluate(place, join(place, 'one'))).code, 0, 'one good picture is enough');
});

describe('many machines', () => {
  const shards = join(folder, 'shards');
  const shard = (...more: readonly string[]) => evaluate(set, shards, '--layers', 'conv2', ...more);

  test('missing and doubled shards are named', async () => {
    assert.equal((await shard('--shard', '1/3')).code, 0);
    const part = await residentCli(
      ['evaluate', set, ...network, '-o', shards, '--layers', 'conv2', '--shard', 'auto'],
      {
        env: { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '5', SLURM_ARRAY_TASK_COUNT: '3' },
      },
    );
    assert.equal(part.code, 0, part.stderr);
    const missing = await residentCli(['merge', shards]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /missing 2\/3/);
    cpSync(join(shards, 'shard-1-of-3'), join(folder, 'copy', 'shard-1-of-3'), { recursive: true });
    const doubled = await residentCli(['merge', shards, join(folder, 'copy'), '-o', join(folder, 'x')]);
    assert.match(doubled.stderr, /1\/3 is there 2 times/);
  });

  test('all together are what one machine writes, byte for byte', async () => {
    const third = await residentCli(
      ['evaluate', set, ...network, '-o', shards, '--layers', 'conv2', '--shard', 'auto'],
      {
        env: { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '3' },
      },
    );
    assert.equal(third.code, 0, third.stderr);
    const { code, stderr } = await residentCli(['merge', shards]);
    assert.equal(code, 0, stderr);
    sameEvaluation(shards, whole);
  });
});

describe('an evaluation that is stopped', () => {
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    test(`by ${signal} continues where it was, and ends with the same bytes`, async () => {
      const output = join(folder, signal);
      const partial = join(output, '.evaluation.partial', 'rows.jsonl');
      const child = spawn(
        process.execPath,
        [cliPath, 'evaluate', set, ...network, '-o', output, '--layers', 'conv2'],
        {
          env: { ...process.env, INFERENCE_LENS_CACHE: testCache },
          stdio: 'ignore',
        },
      );
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      while (child.exitCode === null && !(existsSync(partial) && readFileSync(partial).includes(10)))
        await new Promise((resolve) => setTimeout(resolve, 2));
      child.kill(signal);
      const code = await ended;
      // On a fast machine it may have ended before the signal came.
      if (!existsSync(join(output, 'evaluation'))) {
        assert.equal(code, signal === 'SIGINT' ? 130 : null);
        assert.ok(readFileSync(partial).includes(10));
        assert.ok(
          readdirSync(output).every((name) => name.startsWith('.')),
          'nothing that looks finished',
        );
      }
      const again = await evaluate(set, output, '--layers', 'conv2');
      assert.equal(again.code, 0, again.stderr);
      sameEvaluation(output, whole);
      assert.deepEqual(readdirSync(output), ['evaluation']);
      rmSync(output, { recursive: true });
    });
  }
});
