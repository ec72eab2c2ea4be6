/** A list of steps as it runs: shapes, what is recorded, where pixels go, and what a step refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSteps } from '../../../../protocol/check-steps';
import { Kernels } from '../../../../server/src/imaging/kernels';
import { requireShape } from '../../../../server/src/lens/constraints';
import { wholeImage } from '../../../../server/src/pipeline/face/crop';
import { placed } from '../../../../server/src/pipeline/steps/placement';
import { pixelsOf, prepareInput } from '../../../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../../../server/src/pipeline/steps/run-steps';
import { picture } from './picture';

const kernels = new Kernels();
const odd = picture('odd');

const run = (steps: readonly unknown[], input = { width: 40, height: 24 }, image = odd) => {
  const checked = checkSteps(steps);
  assert.ok(checked.ok, checked.ok ? '' : checked.problems[0].message);
  return runSteps(pixelsOf(image), checked.steps, { input, kernels });
};

test('no steps at all: the pixels as they are, 0..255', () => {
  const { tensor, channels, recorded, seen } = run([]);
  assert.deepEqual([tensor.dims, channels, recorded.length], [[1, 3, 61, 89], ['red', 'green', 'blue'], 0]);
  assert.equal(tensor.data[0], odd.data[0]);
  assert.deepEqual(seen, odd);
});

test('sizes that are left out are the network’s, which need not be square', () => {
  const { tensor } = run([{ step: 'resize' }, { step: 'channels', order: 'gray' }, { step: 'rescale' }]);
  assert.deepEqual(tensor.dims, [1, 1, 24, 40]);
  const cropped = run([{ step: 'crop' }]);
  assert.deepEqual(cropped.tensor.dims, [1, 3, 24, 40]);
});

test('every step is recorded: shape, type, range, mean and deviation of each channel', () => {
  const { recorded, tensor } = run([
    { step: 'resize', like: 'opencv' },
    { step: 'rescale' },
    { step: 'normalize', mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2] },
    { step: 'channels', order: 'BGR' },
  ]);
  assert.deepEqual(
    recorded.map(({ title, after, shape }) => [title, after.type, ...shape]),
    [
      ['Resize', 'uint8', 3, 24, 40],
      ['Rescale', 'float32', 3, 24, 40],
      ['Normalize', 'float32', 3, 24, 40],
      ['Channels', 'float32', 3, 24, 40],
    ],
  );
  for (const { after, statistics } of recorded)
    for (const [channel, { channel: name, min, max, mean, std }] of statistics.entries()) {
      assert.equal(name, after.channels[channel]);
      const values =
        after.type === 'float32'
          ? Array.from(after.planes[channel]!)
          : Array.from(after.data).filter((_, i) => i % 3 === channel);
      const average = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length;
      assert.deepEqual([min, max], [Math.min(...values), Math.max(...values)]);
      assert.ok(Math.abs((mean as number) - average) < 1e-9 * Math.abs(average) + 1e-12);
      assert.ok(Math.abs((std as number) - Math.sqrt(variance)) < 1e-9 * Math.sqrt(variance));
    }
  const last = recorded[3]!;
  assert.deepEqual(
    last.statistics.map(({ channel }) => channel),
    ['blue', 'green', 'red'],
  );
  assert.equal(tensor.data[0], (last.after.type === 'float32' ? last.after.planes[0] : undefined)?.[0]);
});

test('each step has facts and a picture of its own size', () => {
  const { recorded } = run([
    { step: 'resize', fit: 'letterbox', like: 'opencv' },
    { step: 'crop', border: 2 },
    { step: 'pad', to: 'square', mode: 'reflect' },
    { step: 'rescale', factor: 1 / 127.5, offset: -1 },
    { step: 'wavelet' },
    { step: 'normalize', mean: 0.5 },
    { step: 'channels', order: 'gray', weights: 'torch' },
  ]);
  const facts = recorded.flatMap((step) =>
    step.facts.map(({ label, value }) => `${step.title}: ${label}: ${value}`),
  );
  assert.deepEqual(facts, [
    'Resize: Size: 89 x 61 to 35 x 24 (width x height), letterbox',
    'Resize: Filter: bilinear as OpenCV',
    'Resize: Aspect: kept',
    'Resize: Margin: to 40 x 24',
    'Crop: Rectangle: 36 x 20 from (2, 2)',
    'Crop: Picture kept: 75.0%',
    'Pad: Margin: left 0, top 8, right 0, bottom 8',
    'Pad: Filled with: reflect',
    'Rescale: Formula: value x 1/127.5 - 1',
    'Wavelet: Wavelet: sym2',
    'Wavelet: Beyond the border: reflect',
    'Wavelet: Output: (approximation + input) / 2',
    'Normalize: Mean: 0.5',
    'Normalize: Standard deviation: 1',
    'Channels: Order: gray',
    'Channels: Weights: torch',
  ]);
  for (const { pictures, after } of recorded)
    for (const { draw } of pictures) {
      const { width, height, data } = draw();
      assert.deepEqual([width, height], [after.width, after.height]);
      assert.ok(new Set(data).size > 1);
    }
  assert.deepEqual(
    recorded[4]!.pictures.map(({ name }) => name),
    ['blended', 'approximation-red', 'approximation-green', 'approximation-blue'],
  );
});

test('where pixels go: a point of the picture is found again in the tensor', () => {
  // One white pixel on black, far enough from the borders to survive every step.
  const data = new Uint8Array(60 * 40 * 3);
  data.fill(255, (22 * 60 + 31) * 3, (22 * 60 + 31) * 3 + 3);
  const { tensor, placement } = run(
    [
      { step: 'resize', size: [80, 120], like: 'pillow', filter: 'nearest' },
      { step: 'crop', size: [61, 83] },
      { step: 'pad', size: [90, 91], at: 'center' },
      { step: 'resize', size: [180, 182], like: 'pillow', filter: 'nearest' },
    ],
    { width: 1, height: 1 },
    { width: 60, height: 40, data },
  );
  const [, , , width] = tensor.dims as [number, number, number, number];
  const lit = [...tensor.data.subarray(0, 180 * 182).entries()].filter(([, v]) => v === 255).map(([i]) => i);
  assert.equal(lit.length, 16);
  const columns = lit.map((i) => i % width);
  const rows = lit.map((i) => Math.floor(i / width));
  const center = (values: number[]): number => (Math.min(...values) + Math.max(...values) + 1) / 2;
  assert.equal(placed(placement.x, 31.5), center(columns));
  assert.equal(placed(placement.y, 22.5), center(rows));
});

test('the picture under the heatmaps is the one before numbers were changed', () => {
  const { seen, recorded } = run([
    { step: 'channels', order: 'BGR' },
    { step: 'resize', like: 'opencv' },
    { step: 'normalize', mean: [103.939, 116.779, 123.68] },
  ]);
  const { after } = recorded[1]!;
  assert.ok(after.type === 'uint8');
  assert.deepEqual([...seen.data.subarray(0, 3)], [...after.data.subarray(0, 3)].toReversed());
});

/** What only the picture shows to be wrong, and the sentence. */
const refused: readonly (readonly [steps: readonly unknown[], message: RegExp])[] = [
  [
    [
      { step: 'channels', order: 'gray' },
      { step: 'normalize', mean: [0.5, 0.5, 0.5] },
    ],
    /^Step 2 \(normalize\): "mean": expected one number, or 1 for the channels gray; found 3\.$/,
  ],
  [
    [{ step: 'crop', border: 31 }],
    /^Step 1 \(crop\): "border": expected less than half of 89 x 61 pixels \(width x height\); found 31\.$/,
  ],
  [
    [{ step: 'pad', size: 300, mode: 'reflect' }],
    /^Step 1 \(pad\): "mode": a margin of 105 pixels cannot be mirrored from a picture that has 89 there\.$/,
  ],
  [
    [{ step: 'crop', size: 100, fill: 0.5 }],
    /^Step 1 \(crop\): "fill": expected a whole number from 0 to 255, as the pixels have 8 bits here; found 0\.5\.$/,
  ],
  [
    [{ step: 'resize', size: [8192, 8192] }],
    /^Step 1 \(resize\): 8192 x 8192 pixels \(width x height\) are more than the 16,777,216 that a step may make\.$/,
  ],
  [
    [
      { step: 'crop', size: [1, 89] },
      { step: 'resize', fit: 'shorter', size: 8000 },
    ],
    /^Step 2 \(resize\): 712000 x 8000 pixels/,
  ],
  [
    [
      { step: 'resize', size: [2048, 4096], like: 'pillow', filter: 'nearest' },
      ...Array.from({ length: 20 }, () => ({ step: 'normalize', mean: 0 })),
    ],
    /^Step 4 \(normalize\): the steps so far hold 312 MiB of pixels, more than 256 MiB; the picture is 4096 x 2048 here/,
  ],
];

for (const [steps, message] of refused)
  test(`refused: ${String(message)}`, () => {
    assert.throws(
      () => run(steps),
      (error: Error & { kind: string; fix?: string }) => {
        assert.equal(error.kind, 'usage');
        assert.match(error.message, message);
        assert.ok(error.fix);
        return true;
      },
    );
  });

test('steps that end at another size than the network’s are an error that names both', () => {
  const checked = checkSteps([{ step: 'resize', fit: 'shorter', size: 24 }]);
  assert.ok(checked.ok);
  const region = wholeImage(odd);
  const { tensor } = prepareInput(region, { preprocess: checked.steps }, { width: 24, height: 24 });
  assert.throws(() => requireShape(tensor.dims, [1, 3, 24, 24], 'The lens a.lens.json', 'a.onnx'), {
    kind: 'usage',
    message:
      'The lens a.lens.json gives 3 channels of 35x24 pixels (WxH); a.onnx takes 3 channels of 24x24 pixels (WxH).',
  });
});
