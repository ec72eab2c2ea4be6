/** Reading reports back, noticing what changed, and where new ones go. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { isImage } from '../../../client/src/report/images';
import { outputFolder, wantedFolder } from '../../../client/src/report/outputFolder';
import { isInside } from '../../../client/src/report/paths';
import { staleness } from '../../../client/src/report/staleness';
import type { Report } from '../../../protocol/report';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-client-'));
});
after(() => rm(folder, { recursive: true }));

test('staleness compares the image itself, not only its time', async () => {
  const path = join(folder, 'image.png');
  await writeFile(path, 'pixels');
  const sha256 = createHash('sha256').update('pixels').digest('hex');
  const report = {
    timestamp: '2025-12-01T18:12:54',
    input: { path, bytes: 6, sha256 },
    model: { name: 'fsbi', path: '/weights/best.tar', untrained: false },
  } as unknown as Report;
  assert.deepEqual(await staleness(report, null), [], 'touched since, the same content');
  await writeFile(path, 'PIXELS');
  const named = (name: string) => ({ name, path: resolve('/', name) });
  assert.deepEqual(await staleness(report, named('fsbi')), [{ what: 'image-changed' }]);
  await utimes(path, new Date('2024-01-01'), new Date('2024-01-01'));
  assert.deepEqual(await staleness(report, named('/weights/best.tar')), [], 'older than the report');
  assert.deepEqual(await staleness(report, named('weights/best.tar')), [], 'a relative path');
  assert.deepEqual(await staleness(report, named('sbi')), [
    { what: 'other-weights', now: 'sbi', used: 'fsbi' },
  ]);
  await rm(path);
  const gone = [{ what: 'image-gone' }];
  assert.deepEqual(await staleness(report, null), gone);
  // What a hostile report may name: none of these is waited for, and none is read.
  await symlink('/dev/zero', join(folder, 'endless'));
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  for (const named of [
    '/dev/zero',
    join(folder, 'endless'),
    join(folder, 'pipe'),
    folder,
    'image.png',
    '\0',
    '',
  ]) {
    const input = { path: named, bytes: 0, sha256 };
    assert.deepEqual(await staleness({ ...report, input } as unknown as Report, null), gone, named);
  }
});

test('reports go where the setting says, else into storage, and a folder made for them is kept out of Git', async () => {
  const storage = join(folder, 'storage');
  const workspaceFolder = join(folder, 'workspace');
  await mkdir(workspaceFolder);
  const place = { setting: '', workspaceFolder, storage };
  assert.equal(wantedFolder(place), join(storage, 'reports'));
  assert.equal(wantedFolder({ ...place, setting: '/abs' }), '/abs');
  assert.equal(wantedFolder({ ...place, setting: 'out', workspaceFolder: null }), join(storage, 'reports'));
  assert.equal(await outputFolder(place), join(storage, 'reports'));
  assert.deepEqual(await readdir(workspaceFolder), [], 'nothing that nobody asked for');

  const made = await outputFolder({ ...place, setting: 'out' });
  assert.equal(made, join(workspaceFolder, 'out'));
  assert.equal(await readFile(join(made, '.gitignore'), 'utf8'), '*\n');
  const own = join(workspaceFolder, 'own');
  await mkdir(own);
  assert.equal(await outputFolder({ ...place, setting: 'own' }), own);
  assert.deepEqual(await readdir(own), [], 'a folder that was there is not changed');

  const file = join(folder, 'file');
  await writeFile(file, '');
  const blocked = join(file, 'out');
  assert.equal(await outputFolder({ ...place, setting: blocked }), blocked, 'the server says what is wrong');
});

test('paths inside a folder, and not', () => {
  assert.ok(isInside('/a/b', '/a'));
  assert.ok(isInside('/a', '/a'));
  assert.ok(isInside('/a/..b', '/a'));
  assert.ok(!isInside('/ab', '/a'));
  assert.ok(!isInside('/a/../b', '/a'));
});

test('images are known by the end of their names', () => {
  for (const name of ['/a/b.PNG', 'x.jpeg', '100%.webp', '#1.tiff']) assert.ok(isImage(name), name);
  for (const name of ['/a.png/b', 'x.txt', 'png', 'x.png.zip']) assert.ok(!isImage(name), name);
});
