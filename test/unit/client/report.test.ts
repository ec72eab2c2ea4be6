/** Reading reports back, noticing what changed, and where new ones go. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isImage } from '../../../client/src/report/images';
import { outputFolder, wantedFolder } from '../../../client/src/report/outputFolder';
import { isInside } from '../../../client/src/report/paths';
import { parseReport, readMaps, readReport } from '../../../client/src/report/readReport';
import { staleness } from '../../../client/src/report/staleness';
import type { Report } from '../../../protocol/report';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-client-'));
});
after(() => rm(folder, { recursive: true }));

const whole = {
  version: 1,
  processId: 'p',
  timestamp: '2025-12-01T18:12:54.285053',
  mapsFile: 'maps.bin',
  ...Object.fromEntries(
    ['software', 'device', 'model', 'input', 'detection', 'preprocess', 'target', 'classifier'].map(
      (name) => [name, {}],
    ),
  ),
  ...Object.fromEntries(['methods', 'layers', 'warnings', 'timings'].map((name) => [name, []])),
};

test('a report with all its parts is taken', () => {
  assert.ok(parseReport('r', JSON.stringify(whole)).ok);
});

const bad: readonly (readonly [text: string, message: RegExp])[] = [
  ['{', /^r: expected JSON, but /],
  ['[]', /^r: expected a report object, found array\.$/],
  ['null', /^r: expected a report object, found null\.$/],
  ['{}', /^r: expected report version 1, found undefined\.$/],
  [JSON.stringify({ ...whole, version: 2 }), /^r: expected report version 1, found 2\.$/],
  [JSON.stringify({ ...whole, layers: {} }), /^r: expected "layers" to be array, found object\.$/],
  [JSON.stringify({ ...whole, model: null }), /^r: expected "model" to be object, found null\.$/],
];
for (const [text, message] of bad) {
  test(`a report is refused: ${String(message)}`, () => {
    const outcome = parseReport('r', text);
    assert.ok(!outcome.ok);
    assert.match(outcome.failure.message, message);
    assert.notEqual(outcome.failure.fix, null);
  });
}

test('a report that is not there says which', async () => {
  const outcome = await readReport(join(folder, 'none'));
  assert.ok(!outcome.ok);
  assert.match(outcome.failure.message, /none.report\.json cannot be read: ENOENT/);
});

test('raw maps are read from inside the folder only', async () => {
  await writeFile(join(folder, 'maps.bin'), Buffer.from([1, 2, 3, 4]));
  const read = (mapsFile: string) => readMaps({ folder, mapsFile });
  const maps = await read('maps.bin');
  assert.ok(maps.ok);
  assert.deepEqual([...maps.value], [1, 2, 3, 4]);
  for (const name of ['../maps.bin', '/etc/hostname', 'a/../../maps.bin', '..']) {
    const outcome = await read(name);
    assert.ok(!outcome.ok && outcome.failure.message.includes('outside its folder'), name);
  }
});

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
  assert.deepEqual(await staleness(report, 'fsbi'), ['The image has changed since.']);
  await utimes(path, new Date('2024-01-01'), new Date('2024-01-01'));
  assert.deepEqual(await staleness(report, '/weights/best.tar'), [], 'older than the report');
  assert.match((await staleness(report, 'sbi'))[0] ?? '', /now sbi; this report used fsbi/);
  await rm(path);
  assert.deepEqual(await staleness(report, null), ['The image is no longer where it was.']);
});

test('reports go where the setting says, else into the workspace, else into storage', async () => {
  const storage = join(folder, 'storage');
  const place = { setting: '', workspaceFolder: '/w', storage };
  assert.equal(wantedFolder(place), join('/w', 'inference-lens-report'));
  assert.equal(wantedFolder({ ...place, setting: 'out' }), join('/w', 'out'));
  assert.equal(wantedFolder({ ...place, setting: '/abs' }), '/abs');
  assert.equal(wantedFolder({ ...place, workspaceFolder: null }), join(storage, 'reports'));
  const file = join(folder, 'file');
  await writeFile(file, '');
  const blocked = await outputFolder({ ...place, workspaceFolder: file });
  assert.deepEqual(blocked, { folder: join(storage, 'reports'), instead: true });
});

test(
  'a workspace that may not be written is left alone',
  { skip: process.getuid?.() === 0 ? 'root may write anywhere' : false },
  async () => {
    const workspaceFolder = join(folder, 'read-only');
    await mkdir(workspaceFolder);
    await chmod(workspaceFolder, 0o500);
    const { instead } = await outputFolder({ setting: '', workspaceFolder, storage: folder });
    assert.ok(instead);
  },
);

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
