/** Pictures that change, vanish or become readable between two runs and while one goes on. */
import assert from 'node:assert/strict';
import { chmodSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changedSince } from '../../../server/src/evaluation/changed-since';
import type { PictureSet } from '../../../server/src/evaluation/labels/entry';
import { FILES, readHead, stampOf } from '../../../server/src/evaluation/place';
import { Presence } from '../../../server/src/evaluation/presence';
import type { Row } from '../../../server/src/evaluation/row';
import { rowLine } from '../../../server/src/evaluation/table/journal';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { missingImage } from '../../../server/src/imaging/image-names';
import { hashFile } from '../../../server/src/store/store';
import { picture, put } from '../../support/labelled-set';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('changed-pictures');

function setOf(root: string, count: number): PictureSet {
  const entries = Array.from({ length: count }, (_, i) => {
    const path = `${i}.ppm`;
    put(join(root, path), picture(i, 0));
    return { path, file: join(root, path), label: null };
  });
  return { source: root, root, entries, labelsGuessed: false };
}

test('what a finished evaluation no longer shows is said, and what was only touched is not', async () => {
  const set = setOf(join(folder, 'since'), 4);
  const place = join(folder, 'evaluation');
  const [changing, vanishing, touched, late] = set.entries.map(({ file }) => file) as [
    string,
    string,
    string,
    string,
  ];
  const rows = await Promise.all(
    set.entries.map(async ({ path, file }, index): Promise<Row> => {
      const error = file === late ? missingImage(path).message : null;
      const row = failedRow({ index, path, label: null, labelIndex: null }, error ?? '');
      return { ...row, error, sha256: error === null ? await hashFile(file) : null };
    }),
  );
  rmSync(late);
  put(join(place, FILES.rows), rows.map(rowLine).join(''));
  assert.equal(await changedSince(place, set), null, 'a picture that was missing is missing still');
  const then = new Date(Date.now() - 60_000);
  utimesSync(join(place, FILES.rows), then, then); // pictures are newer than the evaluation
  assert.equal(await changedSince(place, set), null);

  writeFileSync(changing, picture(9, 0));
  rmSync(vanishing);
  put(late, picture(3, 0));
  assert.match(
    (await changedSince(place, set)) ?? '',
    /2 pictures have changed and 1 picture is gone; the first is 0\.ppm\..*--replace/,
  );
  assert.equal((await stampOf(touched)) === null, false);
});

test('a picture that may be read now, or was replaced by one of its age and length, has another stamp', async () => {
  const file = join(folder, 'stamped.ppm');
  const then = new Date(1_700_000_000_000);
  const write = (seed: number): void => {
    put(file, picture(seed, 0));
    utimesSync(file, then, then);
  };
  write(0);
  const first = await stampOf(file);
  assert.equal(await stampOf(file), first);
  await new Promise((resolve) => setTimeout(resolve, 20)); // the clock of the file system has ticks
  write(1);
  const replaced = await stampOf(file);
  assert.notEqual(replaced, first);
  await new Promise((resolve) => setTimeout(resolve, 20));
  chmodSync(file, 0o600);
  assert.notEqual(await stampOf(file), replaced);
});

test('one picture that vanishes is a row, all of them at once are a folder that is gone', async () => {
  const set = setOf(join(folder, 'mounted'), 20);
  const presence = await Presence.of(set);
  for (const { file } of set.entries.slice(1)) rmSync(file);
  await presence.requireSome();
  put(join(folder, 'mounted', '0.ppm'), picture(0, 0));
  renameSync(join(folder, 'mounted'), join(folder, 'elsewhere'));
  await assert.rejects(presence.requireSome(), {
    kind: 'image',
    message: /mounted: expected the pictures/,
    fix: /mounted/,
  });
  const nothing = await Presence.of({ ...set, root: join(folder, 'mounted') });
  await nothing.requireSome(); // where none was there, each row says so
});

test('a head whose threshold is no number is none', async () => {
  const model = { name: 'a.onnx', sha256: '', architecture: 'onnx' };
  const head = { classes: ['a', 'b'], layers: [], lens: [], model, set: { count: 1, sha256: '' } };
  for (const [threshold, isHead] of [
    [null, true],
    [0.5, true],
    ['0,5', false],
    [undefined, false],
  ] as const) {
    put(join(folder, 'head', FILES.head), JSON.stringify({ head: { ...head, threshold }, shard: null }));
    assert.equal((await readHead(join(folder, 'head'))) !== null, isHead, String(threshold));
  }
});
