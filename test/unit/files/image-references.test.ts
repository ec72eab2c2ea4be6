/** Paths of images in texts, where they may lead, and sizes in headers. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { findImage, sizeIn } from '../../../files/image-references';
import { imagePathAt, imagePathsIn } from '../../../protocol/image-paths';
import { temporaryFolder } from '../../support/temp';

const lines: readonly (readonly [line: string, paths: readonly string[]])[] = [
  ['img = cv2.imread("data/cat 1.jpg")  # the cat', ['data/cat 1.jpg']],
  [`load('a.png', "b/c.PNG", d.gif)`, ['a.png', 'b/c.PNG', 'd.gif']],
  ['![a cat](pictures/cat.webp) and <img src=dog.jpeg>', ['pictures/cat.webp', 'dog.jpeg']],
  ['images/1.png,3,train', ['images/1.png']],
  ['  - path: ./x/y.tiff', ['./x/y.tiff']],
  ['"file:///home/me/a.png"', ['/home/me/a.png']],
  ['"https://example.com/a.png"', []],
  ['see a.png.txt, a.pngx and readme.md', []],
  ['x = "C:\\\\data\\\\a.png"', ['C:\\data\\a.png']],
  ['nothing', []],
];
for (const [line, paths] of lines)
  test(`paths in ${line}`, () => {
    assert.deepEqual(
      imagePathsIn(line).map(({ path }) => path),
      paths,
    );
  });

test('the path under a place; a line of a megabyte is not looked at; a hostile one takes no time', () => {
  assert.equal(imagePathAt('a = "x.png"', 7)?.path, 'x.png');
  assert.equal(imagePathAt('a = "x.png"', 1), null);
  assert.deepEqual(imagePathsIn(`${'a'.repeat(1_000_000)}.png`), []);
  for (const start of ['"', '/', 'a', '\\', '"\\'])
    assert.ok(imagePathsIn(`${start.repeat(9_000)}.png ${start.repeat(9_000)}`).length <= 1);
});

test('an image is found beside the text or in the workspace, and nowhere else', async () => {
  const place = temporaryFolder('image-references');
  const [workspace, outside] = [join(place, 'work'), join(place, 'outside')];
  for (const folder of [join(workspace, 'src'), outside]) mkdirSync(folder, { recursive: true });
  for (const file of [join(workspace, 'a.png'), join(workspace, 'src', 'b.png'), join(outside, 'c.png')])
    writeFileSync(file, '');
  symlinkSync(join(outside, 'c.png'), join(workspace, 'link.png'));
  const text = join(workspace, 'src', 'code.py');
  const find = (name: string) => findImage(name, text, [workspace]);
  assert.equal(await find('b.png'), join(workspace, 'src', 'b.png'));
  assert.equal(await find('../a.png'), join(workspace, 'a.png'));
  assert.equal(await find('a.png'), join(workspace, 'a.png'));
  assert.equal(await find(join(workspace, 'a.png')), join(workspace, 'a.png'));
  for (const name of ['../../outside/c.png', join(outside, 'c.png'), 'link.png', 'none.png', 'src'])
    assert.equal(await find(name), null, name);
  assert.equal(await findImage('a.png', text, []), null, 'without a workspace');
});

test('sizes are those of the headers', async () => {
  const picture = sharp({ create: { width: 37, height: 21, channels: 3, background: '#123' } });
  for (const kind of ['png', 'jpeg', 'gif', 'webp'] as const)
    assert.deepEqual(
      sizeIn(await picture.clone().toFormat(kind).toBuffer()),
      { width: 37, height: 21 },
      kind,
    );
  assert.deepEqual(sizeIn(await picture.clone().webp({ lossless: true }).toBuffer()), {
    width: 37,
    height: 21,
  });
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from([0xff, 0xd8, 0xff]),
    Buffer.from('GIF8'),
    Buffer.alloc(100, 0xff),
  ])
    assert.equal(sizeIn(bytes), null);
});
