/** External data on disk: only regular files below the model's folder, any size, complete. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { readInitializer, readModel } from '../../../server/src/onnx/read';
import { writeModel } from '../../../server/src/onnx/write';
import { modelError } from './support/errors';

let outside: string;
let folder: string;
let path: string;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'lens-external-'));
  folder = join(outside, 'model');
  path = join(folder, 'm.onnx');
  await mkdir(folder);
  await writeFile(join(outside, 'secret.bin'), new Uint8Array(8));
});
afterEach(async () => rm(outside, { recursive: true, force: true }));

/** A model whose only tensor, two floats, lies at `offset` of `location`. */
function referring(location: string, offset = 0): Model {
  const g = new GraphBuilder('g');
  g.initializer('w', { type: 'float32', dims: [2], data: { location, offset, length: 8 } });
  return g.model();
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const what = 'with the external data of tensor "w"';

async function read(): Promise<number[]> {
  const { data } = await readInitializer(await readModel(path), 'w', folder);
  return Array.from(data, Number);
}

test('a file in a folder below the model', async () => {
  await mkdir(join(folder, 'weights'));
  await writeFile(join(folder, 'weights', 'w.bin'), floats(0, 3, 4));
  await writeModel(referring('./weights/w.bin', 4), path);
  assert.deepEqual(await read(), [3, 4]);
});

test('a link that stays below the model is followed', async () => {
  await writeFile(join(folder, 'real.bin'), floats(1, 2));
  await symlink('real.bin', join(folder, 'w.bin'));
  await writeModel(referring('w.bin'), path);
  assert.deepEqual(await read(), [1, 2]);
});

test('data beyond 2 GiB of a file is read by its offset', async () => {
  const offset = 2 ** 31 + 4096;
  const file = await open(join(folder, 'w.bin'), 'w');
  await file.write(floats(5, 6), 0, 8, offset);
  await file.close();
  await writeModel(referring('w.bin', offset), path);
  assert.deepEqual(await read(), [5, 6]);
});

test('links that leave the folder are refused', async () => {
  await symlink(join('..', 'secret.bin'), join(folder, 'w.bin'));
  await symlink('..', join(folder, 'up'));
  for (const location of ['w.bin', 'up/secret.bin']) {
    await writeModel(referring(location), path);
    const target = join(outside, 'secret.bin');
    const message = `${join(folder, location)}: expected the external data of tensor "w" in a file below the model's folder, found a link to ${target}.`;
    await assert.rejects(readModel(path), modelError(message));
    await assert.rejects(readInitializer(referring(location), 'w', folder), modelError(message));
  }
});

test('a path that leaves the folder is refused also where a model was not read from a file', async () => {
  await assert.rejects(
    readInitializer(referring('../secret.bin'), 'w', folder),
    modelError(
      `${folder}: expected the external data of tensor "w" in a file below the model's folder, found "../secret.bin".`,
    ),
  );
});

test('files that are missing, short, folders or pipes are named', async () => {
  const data = join(folder, 'w.bin');
  await writeModel(referring('w.bin', 4), path);
  await assert.rejects(readModel(path), {
    message: `${data}: expected a readable file ${what}, found ENOENT: no such file or directory, realpath '${data}'.`,
  });
  await writeFile(data, floats(1, 2));
  await assert.rejects(readModel(path), modelError(`${data}: expected at least 12 bytes ${what}, found 8.`));
  await rm(data);
  await mkdir(data);
  await assert.rejects(
    readModel(path),
    modelError(`${data}: expected a regular file ${what}, found something else.`),
  );
  if (process.platform === 'win32') return;
  await rm(data, { recursive: true });
  execFileSync('mkfifo', [data]);
  await assert.rejects(
    readModel(path),
    modelError(`${data}: expected a regular file ${what}, found something else.`),
  );
});

test('a data file that shrinks after the model was read', async () => {
  await writeFile(join(folder, 'w.bin'), floats(1, 2));
  await writeModel(referring('w.bin'), path);
  const model = await readModel(path);
  await truncate(join(folder, 'w.bin'), 4);
  await assert.rejects(
    readInitializer(model, 'w', folder),
    modelError(`${join(folder, 'w.bin')}: expected at least 8 bytes ${what}, found 4.`),
  );
});

test('model files that are not files, or too large for the format, are named', async () => {
  await assert.rejects(
    readModel(path),
    modelError(`${path}: expected a readable ONNX file, found nothing there.`),
  );
  await assert.rejects(
    readModel(folder),
    modelError(`${folder}: expected a readable ONNX file, found a folder.`),
  );
  await writeFile(path, '');
  await truncate(path, 2 ** 31);
  await assert.rejects(
    readModel(path),
    modelError(`${path}: expected at most 2147483647 bytes, found 2147483648.`),
  );
});
