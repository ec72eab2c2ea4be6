/** Every step's arithmetic and whole preprocessings, element by element, against the libraries that they are named after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSteps } from '../../protocol/check-steps';
import { Kernels } from '../../server/src/imaging/kernels';
import { pixelsOf } from '../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../server/src/pipeline/steps/run-steps';
import type { GoldenArray } from '../support/golden';
import { GoldenArrays } from '../support/golden';
import type { PictureName } from '../unit/pipeline/steps/picture';
import { picture } from '../unit/pipeline/steps/picture';

interface Case extends GoldenArray {
  readonly picture: PictureName;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  /** [channels, height, width], of which every `stride`-th row and column is stored. */
  readonly whole: readonly [number, number, number];
  readonly means: readonly number[];
}

const kernels = new Kernels();

function tensorOf({ picture: name, steps, whole }: Case, key: string) {
  const checked = checkSteps(steps);
  assert.ok(checked.ok, `${key}: ${checked.ok ? '' : checked.problems[0].message}`);
  const [, height, width] = whole;
  const { tensor } = runSteps(pixelsOf(picture(name)), checked.steps, { input: { width, height }, kernels });
  assert.deepEqual(tensor.dims, [1, ...whole], key);
  return tensor.data;
}

/** Largest difference at the stored positions, and that of the channels' means over all positions. */
function differences(golden: Case, found: Float32Array): { readonly largest: number; readonly ofMeans: number } {
  const [channels, height, width] = golden.whole;
  const { stride = 1 } = golden;
  let [largest, ofMeans, at] = [0, 0, 0];
  for (let channel = 0; channel < channels; channel++) {
    const plane = found.subarray(channel * height * width, (channel + 1) * height * width);
    const mean = plane.reduce((sum, v) => sum + v, 0) / plane.length;
    ofMeans = Math.max(ofMeans, Math.abs(mean - golden.means[channel]!));
    for (let y = 0; y < height; y += stride)
      for (let x = 0; x < width; x += stride, at++)
        largest = Math.max(largest, Math.abs(plane[y * width + x]! - golden.data[at]!));
  }
  assert.equal(at, golden.data.length);
  return { largest, ofMeans };
}

const rangeOf = ({ data }: Case): number => {
  const values = Array.from(data);
  return Math.max(...values) - Math.min(...values);
};

/** Where OpenCV and torch round sums of float32, which others add up in another order. */
const WITHIN_A_LEVEL = /^opencv\/(bicubic|lanczos)|^torch\/.*\/float-path$|^torchvision\/.*\/tensor$/;

function tolerance(golden: Case, key: string): number {
  if (golden.type === 'uint8') return WITHIN_A_LEVEL.test(key) ? 1 : 0;
  const level = WITHIN_A_LEVEL.test(key) ? levelOf(golden) : 0;
  return level + 1e-6 * rangeOf(golden);
}

/** One level of 8 bits on the scale of the tensor; float32 planes that were never pixels have none. */
function levelOf({ steps, type }: Case): number {
  const [normalize] = steps.filter(({ step }) => step === 'normalize');
  return type === 'float32' && normalize !== undefined ? 1 / 255 / Math.min(...(normalize.std as number[])) : 0;
}

/** A level off is seldom: the means of whole channels hardly move. */
const MEANS = 0.05;

for (const name of ['resampling', 'presets', 'jpeg']) {
  const arrays = new GoldenArrays(`steps/${name}`);
  for (const library of new Set(arrays.keys.map((key) => key.split('/')[0]!))) {
    const keys = arrays.keys.filter((key) => key.startsWith(`${library}/`));
    test(`${name}: ${keys.length} cases of ${library}`, () => {
      for (const key of keys) {
        const golden = arrays.get(key) as Case;
        const { largest, ofMeans } = differences(golden, tensorOf(golden, key));
        const most = tolerance(golden, key);
        assert.ok(largest <= most, `${key}: ${largest} off, ${most} allowed`);
        const inMean = WITHIN_A_LEVEL.test(key) ? MEANS * most : 1e-6 * rangeOf(golden);
        assert.ok(ofMeans <= inMean, `${key}: the means are ${ofMeans} off, ${inMean} allowed`);
      }
    });
  }
}
