/** A checkpoint whose members lie beyond 4 GiB: sizes and positions come from zip64 fields. */
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { p, pickle } from '../../support/checkpoints/pickle-writer';
import { floats, tensorPickle } from '../../support/checkpoints/torch-writer';
import { ZipWriter } from '../../support/checkpoints/zip-writer';
import { temporaryFolder } from '../../support/temp';

test(
  'a model behind an optimizer of 5 GiB',
  { skip: process.platform === 'win32' && 'needs sparse files' },
  async () => {
    const path = join(temporaryFolder('zip64'), 'large.pth');
    const optimizer = 5 * 2 ** 28; // elements
    const root = p.dict(
      [p.text('optimizer'), tensorPickle({ key: '0', storage: optimizer, shape: [optimizer] })],
      [p.text('model'), p.dict([p.text('w'), tensorPickle({ key: '1', storage: 3, shape: [3] })])],
    );
    const file = openSync(path, 'w');
    let position = 0;
    const writer = new ZipWriter({
      write: (bytes) => (position += writeSync(file, bytes, 0, bytes.length, position)),
      skip: (length) => (position += length),
    });
    writer.add('archive/data.pkl', pickle(2, root));
    writer.addHole('archive/data/0', optimizer * 4);
    writer.add('archive/data/1', floats(1, 2, 3));
    writer.finish();
    closeSync(file);
    assert.ok(statSync(path).size > 5 * 2 ** 30);

    const checkpoint = await openCheckpoint(path);
    assert.equal(checkpoint.location, 'model');
    assert.deepEqual([...(await checkpoint.readFloat32('w'))], [1, 2, 3]);
    await checkpoint.close();
  },
);
