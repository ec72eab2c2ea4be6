/** The built-in pipelines as lists of steps give the tensors that they gave when they were fixed code, to the last bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bilinearBands } from '../../../../painting/heatmap';
import type { RgbImage } from '../../../../server/src/imaging/image';
import { Kernels } from '../../../../server/src/imaging/kernels';
import { Resampler } from '../../../../painting/resample';
import { resizeRgb } from '../../../../server/src/imaging/resize';
import { readyLens } from '../../../support/lens';
import { pixelsOf } from '../../../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../../../server/src/pipeline/steps/run-steps';
import { WaveletTransform } from '../../../../server/src/wavelet/dwt2';

const kernels = new Kernels();

/** Noise from a seed: every level, and steps between neighbors as large as they get. */
function noise(width: number, height: number): RgbImage {
  let state = 7;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data };
}

/** The three color planes, value / 255. */
const planesOf = ({ data }: RgbImage): readonly Float32Array[] =>
  [0, 1, 2].map((channel) =>
    Float32Array.from({ length: data.length / 3 }, (_, i) => data[3 * i + channel]! / 255),
  );

const stackedPlanes = (planes: readonly Float32Array[], change: (v: number, channel: number) => number) =>
  planes.flatMap((plane, channel) => Array.from(plane, (v) => Math.fround(change(v, channel))));

const SIDE = 57;
const image = noise(83, 64);
const tensorOf = (id: string) => {
  const context = { input: { width: SIDE, height: SIDE }, kernels };
  const { tensor, seen } = runSteps(pixelsOf(image), readyLens(id).preprocess, context);
  assert.deepEqual(tensor.dims, [1, 3, SIDE, SIDE]);
  assert.deepEqual(seen, resized);
  return Array.from(tensor.data);
};
const resized = resizeRgb(image, SIDE, SIDE);

test('sbi: OpenCV’s stretch and value / 255', () => {
  assert.deepEqual(
    tensorOf('sbi'),
    stackedPlanes(planesOf(resized), (v) => v),
  );
});

test('imagenet: (value / 255 - mean) / std', () => {
  const mean = [0.485, 0.456, 0.406];
  const std = [0.229, 0.224, 0.225];
  const expected = stackedPlanes(planesOf(resized), (v, channel) => (v - mean[channel]!) / std[channel]!);
  assert.deepEqual(tensorOf('imagenet'), expected);
});

test('fsbi: each plane blended with its approximation, blue first', () => {
  const transform = new WaveletTransform(kernels, 'sym2', 'reflect');
  const resampler = new Resampler(kernels, SIDE, SIDE, bilinearBands);
  const blended = planesOf(resized).map((data) => {
    const small = transform.approximation({ width: SIDE, height: SIDE, data });
    resampler.load(small);
    const back = resampler
      .resample(small)
      .room.float32(SIDE * SIDE)
      .slice();
    return data.map((v, i) => (v + back[i]!) / 2);
  });
  assert.deepEqual(
    tensorOf('fsbi'),
    stackedPlanes(blended.toReversed(), (v) => v),
  );
});
