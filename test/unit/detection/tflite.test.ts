/** TensorFlow Lite files: sound ones become ONNX, every defect has its message, damage never gets through. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { tfliteToOnnx } from '../../../server/src/checkpoints/tflite';
import { readBlazefaceFile } from '../../../server/src/detection/blazeface-file';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { ModelSpec } from './flatbuffer-writer';
import { floatBytes, writeTflite } from './flatbuffer-writer';
import { CONV, conv, defects, image, relu, result } from './tflite-defects';

/** Runs a model of one image input and one output, given and returned as the file orders them. */
async function run(spec: ModelSpec, values: readonly number[]): Promise<number[]> {
  const model = tfliteToOnnx(writeTflite(spec), 'made.tflite');
  const session = await createSession(encodeModel(model));
  const [name = ''] = session.inputNames;
  const dims = model.graph.inputs[0]?.dims as number[];
  const outputs = await session.run({ [name]: { type: 'float32', dims, data: Float32Array.from(values) } });
  await session.dispose();
  return Array.from(outputs[session.outputNames[0] ?? '']?.data ?? [], Number);
}

test('a convolution without padding, stride 1 by 2', async () => {
  const spec: ModelSpec = {
    tensors: [
      { name: 'image', dims: [1, 2, 4, 1] },
      { name: 'kernel', dims: [1, 2, 2, 1], data: floatBytes([1, 10, 100, 1000]) },
      { name: 'bias', dims: [1], data: floatBytes([0.5]) },
      { name: 'result', dims: [1, 1, 2, 1] },
    ],
    operators: [
      { code: CONV, inputs: [0, 1, 2], outputs: [3], options: [{ u8: 1 }, { i32: 2 }, { i32: 1 }] },
    ],
  };
  assert.deepEqual(await run(spec, [1, 2, 3, 4, 5, 6, 7, 8]), [6521.5, 8743.5]);
});

test('names are kept, and made up where two tensors share one', () => {
  const spec = { ...relu, tensors: [image, { ...result, name: 'image' }] };
  const { graph } = tfliteToOnnx(writeTflite(spec), 'made.tflite');
  assert.deepEqual([graph.inputs[0]?.name, graph.outputs[0]?.name], ['image', 'tensor_1']);
});

test('images come out as NCHW', () => {
  const dims = [1, 5, 7, 3];
  const spec = {
    ...relu,
    tensors: [
      { name: 'image', dims },
      { name: 'result', dims },
    ],
  };
  const { graph } = tfliteToOnnx(writeTflite(spec), 'made.tflite');
  assert.deepEqual(
    [graph.inputs[0]?.dims, graph.outputs[0]?.dims],
    [
      [1, 3, 5, 7],
      [1, 3, 5, 7],
    ],
  );
});

for (const [name, spec, message] of defects) {
  test(`refused: ${name}`, () => {
    const bytes = spec instanceof Uint8Array ? spec : writeTflite(spec);
    assert.throws(
      () => tfliteToOnnx(bytes, 'made.tflite'),
      (error: unknown) => {
        assert.ok(error instanceof CheckpointError, String(error));
        assert.equal(error.kind, 'model');
        assert.match(error.message, /^made\.tflite: is not a TensorFlow Lite model that can be used: /);
        assert.match(error.message, message);
        assert.ok(error.fix);
        return true;
      },
    );
  });
}

test('the block-sparse variant of the model is refused, not misread', () => {
  const folder = join(__dirname, '../../../node_modules/@mediapipe/face_detection');
  const bytes = readFileSync(join(folder, 'face_detection_full_range_sparse.tflite'));
  assert.throws(() => tfliteToOnnx(bytes, 'sparse.tflite'), /is stored sparsely/);
});

/** Converts damaged bytes; anything but success and CheckpointError fails the test. */
function survives(bytes: Uint8Array): boolean {
  try {
    tfliteToOnnx(bytes, 'damaged.tflite');
    return true;
  } catch (error) {
    assert.ok(error instanceof CheckpointError, (error as Error).stack);
    return false;
  }
}

test('truncated at every 1/64th', async () => {
  const { bytes } = await readBlazefaceFile('short_range');
  for (let part = 0; part < 64; part++) {
    assert.equal(survives(bytes.subarray(0, Math.floor((bytes.length * part) / 64))), false);
  }
});

test('two thousand random changes to a small model end in success or CheckpointError', () => {
  const sound = writeTflite(conv([{ u8: 0 }, { i32: 1 }, { i32: 1 }, { u8: 0 }, { i32: 1 }, { i32: 1 }]));
  let state = 20240619;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const bytes = sound.slice();
    for (let change = random(4); change >= 0; change--) {
      bytes[random(bytes.length)] = [0, 1, 127, 128, 255, random(256)][random(6)]!;
    }
    if (!survives(bytes)) refused++;
  }
  assert.ok(refused > 500, `only ${refused} of 2000 were refused`);
});
