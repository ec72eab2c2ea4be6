/**
 * Raw BlazeFace outputs from TensorFlow Lite's own runtime (the WebAssembly build inside @tensorflow/tfjs-tflite),
 * for two inputs: the drawn portrait, and noise. Every 5th value is kept: 5 is coprime to the 16 columns, so every
 * column and every anchor region is covered. Run as README.md here says; writes test/golden/detection/.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const { PNG } = require('pngjs');
const KEEP_EVERY = 5;

const wasmFolder = join(dirname(require.resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm');
const factory = require(join(wasmFolder, 'tflite_web_api_cc.js'));
const runtime = await factory({ wasmBinary: readFileSync(join(wasmFolder, 'tflite_web_api_cc.wasm')) });

/** Pixel (x, y) of the square portrait is the source pixel nearest to its centre; value/127.5 - 1; NHWC. */
function portrait(side) {
  const { width, height, data } = PNG.sync.read(readFileSync(join(root, 'samples', 'portrait.png')));
  const input = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const sourceX = Math.floor(((x + 0.5) * width) / side);
      const sourceY = Math.floor(((y + 0.5) * height) / side);
      for (let c = 0; c < 3; c++) {
        input[(y * side + x) * 3 + c] = data[(sourceY * width + sourceX) * 4 + c] / 127.5 - 1;
      }
    }
  }
  return input;
}

/** mulberry32 from seed 1, mapped to -1..1, in NHWC order. */
function noise(side) {
  let state = 1;
  return Float32Array.from({ length: side * side * 3 }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

function createRunner(bytes) {
  const at = runtime._malloc(bytes.length);
  runtime.HEAPU8.set(bytes, at);
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1024 };
  const made = runtime.TFLiteWebModelRunner.CreateFromBufferAndOptions(at, bytes.length, options);
  if (!made.ok()) throw new Error(made.errorMessage());
  return made.value();
}

const list = (vector) => Array.from({ length: vector.size() }, (_, i) => vector.get(i));

const models = {};
for (const [range, side] of [
  ['full_range', 192],
  ['short_range', 128],
]) {
  const path = require.resolve(`@mediapipe/face_detection/face_detection_${range}.tflite`);
  const bytes = readFileSync(path);
  const runner = createRunner(bytes);
  const kept = [];
  const cases = [];
  for (const [input, make] of Object.entries({ portrait, noise })) {
    list(runner.GetInputs())[0].data().set(make(side));
    if (!runner.Infer()) throw new Error('inference failed');
    for (const output of list(runner.GetOutputs())) {
      const values = output.data().filter((_, i) => i % KEEP_EVERY === 0);
      cases.push({ input, output: output.name, dims: output.shape.split(',').map(Number), at: kept.length });
      for (const value of values) kept.push(value);
    }
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  models[range] = { sha256, keepEvery: KEEP_EVERY, cases };
  writeFileSync(join(root, `test/golden/detection/blazeface_${range}.f32`), Float32Array.from(kept));
}
const { version } = require('@tensorflow/tfjs-tflite/package.json');
const golden = { madeBy: `@tensorflow/tfjs-tflite ${version}, node ${process.version}`, models };
writeFileSync(join(root, 'test/golden/detection/blazeface.json'), `${JSON.stringify(golden, null, 2)}\n`);
