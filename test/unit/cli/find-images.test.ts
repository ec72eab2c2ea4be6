/** What paths stand for: files, folders with all below them, wildcards, and what is skipped. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { findImages } from '../../../server/src/cli/find-images';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('find');

function tree(name: string, files: readonly string[]): string {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

const names = async (root: string, ...paths: readonly string[]): Promise<readonly string[]> =>
  (await findImages(paths.map((path) => join(root, path)))).map(({ image, refused }) => {
    assert.equal(refused, null);
    return relative(root, image).replaceAll('\\', '/');
  });

test('a folder: images by extension in either case, all levels, sorted; no hidden files, reports or packages', async () => {
  const root = tree('photos', [
    ...['b.jpg', 'a.PNG', 'c.tiff', 'Z.webp', 'notes.txt', 'no-extension', '.hidden.jpg', '.git/x.png'],
    ...['sub/deep/1.bmp', 'sub/10.gif', 'sub/9.gif', 'b/in-b.avif', 'jpg', 'node_modules/p/icon.png'],
    'fsbi_inference_b_20251201_181254/result/steps/a_input/original.png',
  ]);
  assert.deepEqual(await names(root, '.'), [
    ...['Z.webp', 'a.PNG', 'b/in-b.avif', 'b.jpg', 'c.tiff', 'sub/10.gif', 'sub/9.gif', 'sub/deep/1.bmp'],
  ]);
});

test('files and folders keep the order in which they were typed, twice if typed twice', async () => {
  const root = tree('order', ['x/1.png', 'x/2.png', 'a.txt']);
  assert.deepEqual(await names(root, 'a.txt', 'x', 'missing.png', 'x/2.png', 'a.txt'), [
    ...['a.txt', 'x/1.png', 'x/2.png', 'missing.png', 'x/2.png', 'a.txt'],
  ]);
});

test('links: to files they are taken, to folders they are not followed, to nothing they are missing images', async () => {
  const root = tree('links', ['real/1.png']);
  const elsewhere = tree('elsewhere', ['2.png']);
  symlinkSync(root, join(root, 'real', 'loop'));
  symlinkSync(root, join(root, 'real', 'loop.png'));
  symlinkSync(elsewhere, join(root, 'out'));
  symlinkSync(join(elsewhere, '2.png'), join(root, 'two.png'));
  symlinkSync(join(root, 'nothing'), join(root, 'zero.png'));
  assert.deepEqual(await names(root, '.'), ['real/1.png', 'two.png', 'zero.png']);
  assert.deepEqual(await names(root, 'out'), ['out/2.png'], 'one that is typed is meant');
});

const refusals = async (
  root: string,
  ...paths: readonly string[]
): Promise<readonly (string | undefined)[]> =>
  (await findImages(paths.map((path) => join(root, path)))).map(({ refused }) => refused?.message);

test('wildcards that the shell left: what a shell would have made of them', async () => {
  const root = tree('wild', [
    ...['a1.png', 'a2.png', 'b1.png', 'a3.txt', '.a4.png', 'a(5).png', 'aX.png/1.png'],
    ...['in/deep/er/c1.png', 'in/c2.png', '.hidden/c3.png'],
  ]);
  assert.deepEqual(await names(root, 'a*.png'), ['a(5).png', 'a1.png', 'a2.png', 'aX.png/1.png']);
  assert.deepEqual(await names(root, '?1.*'), ['a1.png', 'b1.png']);
  assert.deepEqual(await names(root, 'a(*).png'), ['a(5).png']);
  assert.deepEqual(
    await names(root, 'i?'),
    ['in/c2.png', 'in/deep/er/c1.png'],
    'a folder that matches is searched',
  );
  assert.deepEqual(await names(root, '*/c*.png'), ['in/c2.png']);
  assert.deepEqual(await names(root, 'i*/d*/*/c1.png'), ['in/deep/er/c1.png']);
  assert.deepEqual(await names(root, '**/c*.png'), ['in/c2.png', 'in/deep/er/c1.png']);
  assert.deepEqual(await names(root, 'in/**'), ['in/c2.png', 'in/deep/er/c1.png']);
  for (const pattern of ['q*.png', 'nowhere/*.png', '*/q.png']) {
    const [message, ...rest] = await refusals(root, pattern);
    assert.match(message ?? '', /: expected files or folders that match, found none\.$/);
    assert.ok(message?.startsWith(join(root, pattern)));
    assert.deepEqual(rest, []);
  }
});

const report = 'fsbi_inference_b_20251201_181254';
const reportFiles = (place: string): readonly string[] =>
  ['report.json', 'maps.bin', 'steps/a_input/original.png'].map((name) => `${place}/${name}`);

test('reports are not images, also under another name, and also where * finds them beside the images', async () => {
  const root = tree('reported', [
    'a.png',
    ...reportFiles(`${report}/result`),
    ...reportFiles('inference-lens-report/fsbi_inference_b_20251201_181254_2/result'),
    ...reportFiles('kept/result'),
    'my_inference_photos/b.png',
  ]);
  const images = ['a.png', 'my_inference_photos/b.png'];
  assert.deepEqual(await names(root, '.'), images);
  assert.deepEqual(await names(root, '*'), images);
  assert.deepEqual(
    await names(root, 'a.png', report, 'inference-lens-report', 'kept', 'my_inference_photos'),
    images,
  );
  for (const alone of ['inference-lens-report', 'kept', 'kept/result'])
    assert.match(
      (await refusals(root, alone)).join(),
      /found reports only, whose pictures are not analyzed\.$/,
    );
  assert.deepEqual(await names(root, 'kept/result/steps'), ['kept/result/steps/a_input/original.png']);
});

test('a name in another encoding is refused by name', { skip: process.platform !== 'linux' }, async () => {
  const root = tree('latin', ['a.png']);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.of(0xe9), Buffer.from('.png')]), '');
  const found = await refusals(root, '.');
  assert.equal(found[0], undefined);
  assert.match(found[1] ?? '', /b\ufffd\.png: expected a file name in UTF-8/);
});

test('a file whose name has a star is that file', async () => {
  const root = tree('star', ['a*.png', 'ab.png']);
  assert.deepEqual(await names(root, 'a*.png'), ['a*.png']);
});

test('a folder without images is refused by name; the others stay', async () => {
  const root = tree('mixed', ['empty/readme.txt', 'full/1.png']);
  const found = await findImages(['empty', 'full'].map((name) => join(root, name)));
  assert.deepEqual(
    found.map(({ image, refused }) => [relative(root, image), refused?.kind]),
    [
      ['empty', 'image'],
      [join('full', '1.png'), undefined],
    ],
  );
  assert.match(found[0]?.refused?.message ?? '', /empty: expected a folder with images .*found none/);
});
