/** Models written here load and compute in onnxruntime, inline and with external weights. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { GraphBuilder, float, float32Tensor, floats, int64Tensor } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { decodeModel, readModel } from '../../../server/src/onnx/read';
import { encodeModel, writeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { modelError } from './support/errors';
import { fixture } from './support/fixtures';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-onnx-'));
});
after(async () => rm(folder, { recursive: true, force: true }));

const FEATURES = 64;

/** (0.5 x W + 2 b) as [3, 2], plus constants that are attributes of every kind. */
function linear(scale = 1): Model {
  const g = new GraphBuilder('linear');
  const x = g.input('x', 'float32', ['batch', FEATURES]);
  const w = g.initializer(
    'w',
    float32Tensor(
      [FEATURES, 6],
      Float32Array.from({ length: FEATURES * 6 }, (_, i) => scale * (i - 12)),
    ),
  );
  const b = g.initializer('b', float32Tensor([6], [0, 1, 2, 3, 4, 5]));
  const y = g.node('Gemm', [x, w, b], { alpha: float(0.5), beta: float(2) });
  const shape = g.constant('shape', int64Tensor([-1, 2, 3]));
  const r = g.node('Reshape', [y, shape]);
  const t = g.node('Transpose', [r], { perm: [0, 2, 1] });
  const c = g.node('Constant', [], { value: { kind: 'tensor', value: float32Tensor([1], [100]) } });
  const k = g.node('Constant', [], { value_floats: floats([1, 2]) });
  const s = g.node('Add', [g.node('Add', [t, c]), k], {}, 'out');
  g.output(s, 'float32', ['batch', 3, 2]);
  return g.model({ task: 'test' });
}

/** The same function by hand, for x = [1, 2, 3, ...]. */
function expected(scale = 1): number[] {
  const x = Array.from({ length: FEATURES }, (_, i) => i + 1);
  const y = Array.from(
    { length: 6 },
    (_, j) => 0.5 * x.reduce((sum, v, i) => sum + v * scale * (i * 6 + j - 12), 0) + 2 * j,
  );
  return [0, 1, 2].flatMap((col) => [0, 1].map((row) => (y[row * 3 + col] ?? NaN) + 100 + row + 1));
}

async function run(model: Uint8Array | string): Promise<number[]> {
  const session = await createSession(model, { provider: 'cpu' });
  try {
    const outputs = await session.run({
      x: {
        type: 'float32',
        dims: [1, FEATURES],
        data: Float32Array.from({ length: FEATURES }, (_, i) => i + 1),
      },
    });
    const out = outputs['out'];
    assert.deepEqual(out?.dims, [1, 3, 2]);
    return Array.from(out.data as Float32Array);
  } finally {
    await session.dispose();
  }
}

test('an encoded model runs', async () => {
  assert.deepEqual(await run(encodeModel(linear())), expected());
});

test('a model written with external weights runs from its path', async () => {
  const path = join(folder, 'external.onnx');
  await writeModel(linear(), path, { externalOver: 0, weightsFile: 'w.bin' });
  assert.deepEqual((await readdir(folder)).sort(), ['external.onnx', 'w.bin']);
  assert.equal((await stat(join(folder, 'w.bin'))).size, FEATURES * 6 * 4, 'only w is large enough');
  assert.deepEqual(await run(path), expected());
});

test('small tensors stay inline and no weights file appears', async () => {
  const path = join(folder, 'inline.onnx');
  await writeModel(linear(), path);
  assert.ok(!(await readdir(folder)).includes('inline.onnx.data'));
  assert.deepEqual(new Uint8Array(await readFile(path)), encodeModel(linear()));
});

test('writing again replaces both files', async () => {
  const path = join(folder, 'again.onnx');
  await writeModel(linear(1), path, { externalOver: 0 });
  await writeModel(linear(3), path, { externalOver: 0 });
  assert.deepEqual(await run(path), expected(3));
});

test('a folder that is not there is an output error and leaves nothing', async () => {
  const path = join(folder, 'missing', 'model.onnx');
  await assert.rejects(writeModel(linear(), path, { externalOver: 0 }), (error: unknown) => {
    assert.ok(error instanceof LensError);
    assert.equal(error.kind, 'output');
    assert.ok(error.message.startsWith(`${path}: the model could not be written: ENOENT`), error.message);
    return true;
  });
});

test('a failed rename leaves no partial file', async () => {
  const inner = await mkdtemp(join(folder, 'taken-'));
  await writeFile(join(inner, 'model.onnx'), '');
  const path = join(inner, 'model.onnx', 'model.onnx');
  await assert.rejects(writeModel(linear(), path), { name: 'LensError', kind: 'output' });
  assert.deepEqual(await readdir(inner), ['model.onnx']);
});

test('the weights file is a plain name that overwrites no referenced one', async () => {
  const path = join(folder, 'ref.onnx');
  for (const weightsFile of ['../w', 'a/b', '..', '']) {
    await assert.rejects(writeModel(linear(), path, { weightsFile }), { kind: 'usage' });
  }
  const g = new GraphBuilder('g');
  g.initializer('w', { type: 'float32', dims: [1], data: { location: 'w.bin', offset: 0, length: 4 } });
  await assert.rejects(writeModel(g.model(), path, { weightsFile: 'w.bin' }), {
    message: `${path}: tensor "w" already lies in "w.bin", which would be overwritten.`,
  });
});

test('a graph of 2 GiB is refused as one file', () => {
  const g = new GraphBuilder('large');
  const data = new Uint8Array(2 ** 26);
  for (let i = 0; i < 32; i++) g.initializer(`w${i}`, { type: 'uint8', dims: [2 ** 26], data });
  assert.throws(
    () => encodeModel(g.model()),
    modelError(
      'The graph "large" takes 2147484411 bytes as one ONNX file; the format allows at most 2147483647.',
    ),
  );
});

test('every initializer and attribute survives writing and reading', async () => {
  for (const name of ['encodings', 'attributes', 'external']) {
    const model = await readModel(fixture(`${name}.onnx`));
    assert.deepEqual(decodeModel(encodeModel(model)), model);
  }
});

test('numbers at the edge of what attributes hold', () => {
  const g = new GraphBuilder('edge');
  const values = [2 ** 63, -(2 ** 63), 2 ** 53, -1, 0.4];
  g.node('Constant', [], { value_ints: values, f: float(1e39), n: float(NaN), e: [], z: float(-0) }, 'y');
  const attributes = decodeModel(encodeModel(g.model())).graph.nodes[0]?.attributes;
  assert.deepEqual(attributes?.get('value_ints')?.value, [2 ** 63, -(2 ** 63), 2 ** 53, -1, 0]);
  assert.equal(attributes.get('f')?.value, Infinity);
  assert.equal(attributes.get('n')?.value, NaN);
  assert.deepEqual(attributes.get('e'), { kind: 'ints', value: [] });
  assert.equal(attributes.get('z')?.value, -0);
});
