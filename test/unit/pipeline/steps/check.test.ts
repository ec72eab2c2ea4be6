/** What is wrong with a list of steps: position, key, what was expected and what was found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSteps } from '../../../../protocol/check-steps';
import type { StepDeclaration } from '../../../../protocol/steps';
import { STEP_IDS, STEPS, stepsSchema } from '../../../../protocol/steps';

const problemsOf = (written: unknown) => {
  const checked = checkSteps(written);
  return checked.ok ? [] : checked.problems;
};

/** One bad config: what is written as the second step, the key that is to blame, and the sentence. */
const rows: readonly (readonly [config: unknown, key: string | null, message: string])[] = [
  ['resize', null, 'step 2: expected an object with "step", found "resize"'],
  [
    { size: 3 },
    'step',
    'step 2, "step": expected one of resize, crop, pad, jpeg, channels, rescale, normalize, wavelet, found none',
  ],
  [
    { step: 'toString' },
    'step',
    'step 2, "step": expected one of resize, crop, pad, jpeg, channels, rescale, normalize, wavelet, found "toString"',
  ],
  [
    { step: 'resize', constructor: 1 },
    'constructor',
    'step 2 (resize), "constructor": expected one of size, fit, fraction, rounding, filter, antialias, like, path, fill, found a key that the step does not have',
  ],
  [
    { step: 'resize', filter: 'cubic' },
    'filter',
    'step 2 (resize), "filter": expected one of "nearest", "nearest-exact", "bilinear", "bicubic", "lanczos", "hamming", "area", found "cubic"',
  ],
  [
    { step: 'resize', size: 0 },
    'size',
    'step 2 (resize), "size": expected a side in pixels from 1 to 8192, or [height, width], found 0',
  ],
  [
    { step: 'resize', size: [224, 224, 3] },
    'size',
    'step 2 (resize), "size": expected a side in pixels from 1 to 8192, or [height, width], found [224,224,3]',
  ],
  [
    { step: 'resize', size: 1e9 },
    'size',
    'step 2 (resize), "size": expected a side in pixels from 1 to 8192, or [height, width], found 1000000000',
  ],
  [
    { step: 'resize', fraction: 0 },
    'fraction',
    'step 2 (resize), "fraction": expected a number above 0 and at most 1, found 0',
  ],
  [
    { step: 'resize', antialias: false },
    'antialias',
    'step 2 (resize), "antialias": expected true, or no such key: Pillow always antialiases, found false',
  ],
  [
    { step: 'resize', like: 'opencv', antialias: true },
    'antialias',
    'step 2 (resize), "antialias": expected false, or no such key: OpenCV never antialiases (its "area" filter averages), found true',
  ],
  [
    { step: 'resize', like: 'torch', filter: 'bicubic' },
    'antialias',
    'step 2 (resize), "antialias": expected true or false, since torch resizes either way, found none',
  ],
  [
    { step: 'resize', like: 'opencv', filter: 'hamming' },
    'filter',
    'step 2 (resize), "filter": expected one that the library has: "hamming" is Pillow’s, found "hamming"',
  ],
  [
    { step: 'resize', filter: 'nearest-exact' },
    'filter',
    'step 2 (resize), "filter": expected one that the library has: "nearest-exact" is torch’s, found "nearest-exact"',
  ],
  [
    { step: 'resize', like: 'torch', filter: 'lanczos', antialias: true },
    'filter',
    'step 2 (resize), "filter": expected one of "nearest", "nearest-exact", "bilinear", "bicubic", which torch has, found "lanczos"',
  ],
  [
    { step: 'resize', path: 'uint8' },
    'path',
    'step 2 (resize), "path": expected no such key, since only "like": "torch" has two paths, found "uint8"',
  ],
  [
    { step: 'resize', fill: 114 },
    'fill',
    'step 2 (resize), "fill": expected no such key, since only "fit": "letterbox" has a margin, found 114',
  ],
  [
    { step: 'crop', size: 224, fraction: 0.875 },
    'fraction',
    'step 2 (crop), "fraction": expected no such key beside "size", found 0.875',
  ],
  [
    { step: 'crop', border: -1 },
    'border',
    'step 2 (crop), "border": expected a whole number from 0 to 8192, found -1',
  ],
  [
    { step: 'pad', to: 'multiple' },
    'multiple',
    'step 2 (pad), "multiple": expected a number, since "to" is "multiple", found none',
  ],
  [
    { step: 'pad', to: 'square', size: 10 },
    'size',
    'step 2 (pad), "size": expected no such key, since "to" is not "size", found 10',
  ],
  [
    { step: 'channels' },
    'order',
    'step 2 (channels), "order": expected one of "RGB", "BGR", "gray", found none',
  ],
  [
    { step: 'rescale', factor: 0 },
    'factor',
    'step 2 (rescale), "factor": expected a number other than 0, which would leave nothing of the picture, found 0',
  ],
  [
    { step: 'normalize', std: 1 },
    'mean',
    'step 2 (normalize), "mean": expected a number, or a list with one for each channel, found none',
  ],
  [
    { step: 'normalize', mean: 0, std: [1, 0, 1] },
    'std',
    'step 2 (normalize), "std": expected a number above 0, or a list with one for each channel, found [1,0,1]',
  ],
  [
    { step: 'normalize', mean: [0, 0, 0], std: [1, 1] },
    'std',
    'step 2 (normalize), "std": expected 3 numbers, as "mean" has, found [1,1]',
  ],
  [
    { step: 'normalize', mean: 'imagenet' },
    'mean',
    'step 2 (normalize), "mean": expected a number, or a list with one for each channel, found "imagenet"',
  ],
  [
    { step: 'wavelet' },
    null,
    'step 2 (wavelet): expected float32 planes, found 8-bit pixels: put a rescale step before it',
  ],
  [
    { step: 'jpeg', quality: 0 },
    'quality',
    'step 2 (jpeg), "quality": expected a whole number from 1 to 100, found 0',
  ],
];

for (const [config, key, message] of rows)
  test(message, () => {
    assert.deepEqual(problemsOf([{ step: 'crop', size: 8 }, config]), [{ index: 1, key, message }]);
  });

test('a list that is none, or too long', () => {
  assert.deepEqual(problemsOf({ step: 'resize' }), [
    { index: null, key: null, message: 'expected a list of steps, found {"step":"resize"}' },
  ]);
  const long = Array.from({ length: 65 }, () => ({ step: 'channels', order: 'RGB' }));
  assert.match(problemsOf(long)[0].message, /at most 64 steps, found 65/);
});

test('every bad step is named, each by its first fault', () => {
  const problems = problemsOf([
    { step: 'rescale', factor: '1' },
    { step: 'wavelet' },
    { step: 'crop', at: 'left' },
  ]);
  assert.deepEqual(
    problems.map(({ index, key }) => [index, key]),
    [
      [0, 'factor'],
      [2, 'at'],
    ],
  );
});

test('what is left out has its default; what is written stays', () => {
  assert.deepEqual(checkSteps([{ step: 'rescale', offset: -1 }]), {
    ok: true,
    steps: [{ step: 'rescale', factor: 1 / 255, offset: -1 }],
  });
});

test('the schema has every step with every parameter, and no other key', () => {
  const parts = stepsSchema().items?.anyOf ?? [];
  assert.deepEqual(
    parts.map(({ properties }) => properties?.step?.const),
    STEP_IDS,
  );
  for (const [index, { title, properties = {}, additionalProperties }] of parts.entries()) {
    const declared: StepDeclaration = STEPS[STEP_IDS[index]!];
    assert.deepEqual(Object.keys(properties), ['step', ...Object.keys(declared.parameters)]);
    assert.deepEqual([title, additionalProperties], [declared.title, false]);
    for (const key of Object.keys(declared.parameters)) assert.match(properties[key]!.description!, /\.$/);
  }
});
