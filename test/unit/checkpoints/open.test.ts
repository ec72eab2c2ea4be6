/** The door: paths that are not files, choosing a state dict, cancelling, closing, and what is left behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { LensError } from '../../../server/src/errors';
import { failure } from '../../support/checkpoints/refusal';
import { stateDictPickle, torchZip } from '../../support/checkpoints/torch-writer';
import { sharedFile } from '../../support/shared';
import { temporaryFolder } from '../../support/temp';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'checkpoints');
const folder = temporaryFolder('open');
const posix = process.platform === 'win32' ? 'needs POSIX files' : false;

test('a path without a file', async () => {
  const path = join(folder, 'missing.pth');
  assert.equal(await failure(path), `${path}: does not exist; expected a checkpoint file`);
});

test('a folder', async () => {
  assert.equal(await failure(folder), `${folder}: is a folder without a model; expected a checkpoint file`);
});

test(
  'a file this user may not read',
  { skip: posix || (process.getuid?.() === 0 && 'root may read all') },
  async () => {
    const path = join(folder, 'secret.pth');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    assert.equal(await failure(path), `${path}: cannot be read by this user`);
  },
);

test('a named pipe that nobody writes to', { skip: posix }, async () => {
  const path = join(folder, 'pipe.pth');
  execFileSync('mkfifo', [path]);
  assert.equal(await failure(path), `${path}: is neither a file nor a folder; expected a checkpoint file`);
});

test('a symbolic link that leads to itself', { skip: posix }, async () => {
  const path = join(folder, 'loop.pth');
  symlinkSync(path, path);
  assert.equal(await failure(path), `${path}: is a symbolic link that leads back to itself`);
});

test('a file that becomes shorter while it is open', async () => {
  const path = join(folder, 'shrinking.pth');
  copyFileSync(join(fixtures, 'legacy-nested.tar'), path);
  const checkpoint = await openCheckpoint(path);
  truncateSync(path, 100);
  await assert.rejects(
    checkpoint.readFloat32('conv.weight'),
    /: became shorter while it was being read \(byte \d+\)$/,
  );
  await checkpoint.close();
});

test('a tensor that is not there, and a checkpoint that is closed', async () => {
  const path = join(fixtures, 'ema.pth');
  const checkpoint = await openCheckpoint(path);
  await assert.rejects(checkpoint.readFloat32('fc.wieght'), {
    name: 'CheckpointError',
    message:
      `${path}: has no tensor "fc.wieght"; its 9 tensors are "conv.weight", "conv.bias", "bn.weight", "bn.bias", ` +
      '"bn.running_mean", "bn.running_var", "bn.num_batches_tracked", "fc.weight", and 1 more',
  });
  await checkpoint.close();
  await checkpoint.close();
  await assert.rejects(checkpoint.readRaw('fc.weight'), {
    message: `${path}: has been closed; its tensors can no longer be read`,
  });
});

test('one of several state dicts, by name', async () => {
  const path = join(fixtures, 'two-models.pth');
  const checkpoint = await openCheckpoint(path, { location: 'discriminator' });
  assert.equal(checkpoint.location, 'discriminator');
  assert.deepEqual(checkpoint.skipped, ['generator']);
  await checkpoint.close();
  await assert.rejects(openCheckpoint(path, { location: 'critic' }), {
    message: `${path}: has no state dict "critic"; it has "generator", "discriminator"`,
  });
});

test('reading tensors at the same time gives what reading them in turn gives', async () => {
  for (const file of ['deflated.tar', 'sbi.tar', 'legacy-nested.tar', 'release-deflated.zip']) {
    const checkpoint = await openCheckpoint(join(fixtures, file));
    const names = [...checkpoint.stateDict.keys()];
    const together = await Promise.all(names.map((name) => checkpoint.readFloat32(name)));
    for (const [i, name] of names.entries())
      assert.deepEqual(together[i], await checkpoint.readFloat32(name));
    await checkpoint.close();
  }
});

test('cancelling, before and after opening', async () => {
  const path = join(fixtures, 'sbi.tar');
  const before = new AbortController();
  before.abort();
  const cancelled = (error: unknown): boolean => error instanceof LensError && error.kind === 'cancelled';
  await assert.rejects(openCheckpoint(path, { signal: before.signal }), cancelled);
  const after = new AbortController();
  const checkpoint = await openCheckpoint(path, { signal: after.signal });
  after.abort();
  await assert.rejects(checkpoint.readFloat32('fc.weight'), cancelled);
  await checkpoint.close();
});

test(
  'a deflated release is unpacked into a temporary file that nobody else sees',
  { skip: posix },
  async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      const checkpoint = await openCheckpoint(join(fixtures, 'release-deflated.zip'));
      assert.deepEqual(readdirSync(temporary), [], 'it is removed while it is open');
      assert.equal((await checkpoint.readFloat32('fc.bias')).length, 2);
      await checkpoint.close();
      assert.deepEqual(readdirSync(temporary), []);
      await assert.rejects(
        openCheckpoint(join(fixtures, 'release-deflated.zip'), { location: 'nowhere' }),
        CheckpointError,
      );
      assert.deepEqual(readdirSync(temporary), [], 'nothing is left after an error');
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  },
);

test(
  'a deflated release is unpacked in the cache folder where TMPDIR is missing',
  { skip: posix },
  async () => {
    const names = ['TMPDIR', 'INFERENCE_LENS_CACHE'] as const;
    const before = names.map((name) => process.env[name]);
    const cache = join(folder, 'cache');
    writeFileSync(join(folder, 'in-the-way'), '');
    const nowhere = join(folder, 'in-the-way', 'tmp');
    try {
      [process.env['TMPDIR'], process.env['INFERENCE_LENS_CACHE']] = [nowhere, cache];
      const checkpoint = await openCheckpoint(join(fixtures, 'release-deflated.zip'));
      assert.equal((await checkpoint.readFloat32('fc.bias')).length, 2);
      await checkpoint.close();
      assert.deepEqual(readdirSync(cache), []);
      process.env['INFERENCE_LENS_CACHE'] = nowhere;
      await assert.rejects(openCheckpoint(join(fixtures, 'release-deflated.zip')), {
        message: /release-deflated\.zip: needs \d+ bytes in .*in-the-way.*, which cannot be written/,
        fix: /set TMPDIR to a folder with room/,
      });
    } finally {
      names.forEach((name, i) => {
        if (before[i] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[i];
      });
    }
  },
);

test('any archive prefix, or none', async () => {
  const root = stateDictPickle({ w: { key: '0', storage: 1, shape: [1] } });
  for (const prefix of ['', 'archive/', 'best model/', 'a/b/c/', 'näme/']) {
    const path = join(folder, 'prefix.pth');
    writeFileSync(path, torchZip(root, { '0': Buffer.alloc(4) }, { prefix }));
    const checkpoint = await openCheckpoint(path);
    assert.deepEqual([...(await checkpoint.readFloat32('w'))], [0]);
    await checkpoint.close();
  }
});

test('a real RetinaFace checkpoint of the old format, saved from a GPU', async (context) => {
  const path = sharedFile(context, 'models/retinaface_mobilenet0.25_1mb.pth');
  if (path === null) return;
  const checkpoint = await openCheckpoint(path);
  assert.equal(checkpoint.format, 'torch-legacy');
  assert.equal(checkpoint.stateDict.size, 300);
  assert.deepEqual(checkpoint.stateDict.get('body.stage1.0.0.weight')?.shape, [8, 3, 3, 3]);
  let parameters = 0;
  for (const [name, info] of checkpoint.stateDict) {
    const values = await checkpoint.readFloat32(name);
    assert.equal(values.length, info.parameters);
    assert.ok(values.every(Number.isFinite), name);
    parameters += info.parameters;
  }
  assert.equal(parameters, 433_343);
  await checkpoint.close();
});
