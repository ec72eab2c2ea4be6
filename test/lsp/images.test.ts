/** What is wrong with an image reaches the editor in the words that the command line has. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FailureCode } from '../../protocol/failure-codes';
import { analyze } from '../../protocol/requests';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';
import { failureOf } from './watch';

const folder = temporaryFolder('lsp-images');
let server: RunningServer;
before(async () => (server = await startServer({ device: 'cpu' })));
after(async () => {
  assert.equal(await server.stop(), 0);
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('text, a missing file, what is unsupported and what is damaged', async () => {
  const tiff = readFileSync(join(__dirname, '..', 'fixtures', 'images', 'planar.tif'));
  const cut = write('cut.tif', tiff.subarray(0, 700));
  const gone = join(folder, 'gone.png');
  const rows: readonly (readonly [string, RegExp, FailureCode])[] = [
    [write('text.png', 'hello\n'), /^text\.png is a text file, not an image\.$/, 'not-an-image'],
    [gone, new RegExp(`^There is no file ${gone}\\.$`), 'no-file'],
    [
      write('a.jxl', Buffer.from([0xff, 0x0a, 1, 2])),
      /^a\.jxl is a JPEG XL image, which is not read\.$/,
      'image-unsupported',
    ],
    [cut, /^cut\.tif is a damaged TIFF image: /, 'image-damaged'],
  ];
  for (const [image, pattern, code] of rows) {
    const failure = failureOf(await server.ask(analyze, { job: image, image, options: {} }));
    assert.equal(failure.kind, 'image');
    assert.match(failure.message, pattern);
    assert.ok(failure.fix !== null);
    assert.equal(failure.code, code);
  }
});
