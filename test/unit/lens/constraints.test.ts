/** What a network proves is held against every source that contradicts it; the error names both, and where it stands. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LensKey, LensOrigin } from '../../../protocol/lens';
import { LENS_ORIGINS } from '../../../protocol/lens';
import { resolveLens } from '../../../server/src/lens/resolve';
import type { Proved, LensSource } from '../../../server/src/lens/values';

const proved: Proved = {
  ...{ subject: 'best.onnx (onnx)', layout: 'NCHW', type: 'float32', channels: 3 },
  ...{ size: [64, 96], sizeIsFixed: true, classes: 3 },
  ...{ outputs: ['logits', 'features'], labels: null, normalizes: null, tensorflow: null },
  ...{ logits: 3, takes: null, activation: 'softmax' },
};

const stated = (origin: LensOrigin, key: LensKey, value: unknown): LensSource => ({
  ...{ origin, lens: null, subject: `The ${origin}` },
  values: { [key]: { value, detail: `line 3 of the ${origin}` } },
});

/** What contradicts, in the words of the error, and what agrees. */
const VALUES: readonly (readonly [key: LensKey, wrong: unknown, message: string, right: unknown])[] = [
  ['labels', ['a', 'b'], 'names 2 classes (a, b); best.onnx (onnx) has 3 classes.', ['a', 'b', 'c']],
  ['input.layout', 'NHWC', 'says the input is NHWC; best.onnx (onnx) takes NCHW.', 'NCHW'],
  ['input.type', 'uint8', 'says the input is uint8; best.onnx (onnx) takes float32.', 'float32'],
  [
    'input.size',
    [224, 224],
    'gives 224x224 pixels (WxH); best.onnx (onnx) takes 96x64 pixels (WxH).',
    [64, 96],
  ],
  ['output.activation', 'sigmoid', 'says sigmoid; best.onnx (onnx) ends in softmax itself.', 'softmax'],
  ['output.name', 'y', 'reads the output "y"; best.onnx (onnx) has logits, features.', 'features'],
];

for (const origin of LENS_ORIGINS.filter((each) => each !== 'default' && each !== 'graph'))
  describe(`stated by ${origin}`, () => {
    for (const [key, wrong, message, right] of VALUES)
      test(`${key}: refused where the network proves otherwise, taken where it agrees`, () => {
        assert.throws(() => resolveLens([stated(origin, key, wrong)], proved), {
          kind: 'usage',
          // Of several files the one that says it is named.
          message: origin === 'files' ? `line 3 of the files ${message}` : `The ${origin} ${message}`,
          fix: ['option', 'files'].includes(origin) ? undefined : `This is set at line 3 of the ${origin}.`,
        });
        assert.ok(resolveLens([stated(origin, key, right)], proved));
      });
  });

test('a size is not a contradiction where the file leaves it open', () => {
  const open = { ...proved, sizeIsFixed: false };
  assert.ok(resolveLens([stated('metadata', 'input.size', [224, 224])], open));
});

for (const origin of LENS_ORIGINS.filter((each) => each !== 'default' && each !== 'graph'))
  for (const [key, wrong, , right] of VALUES)
    test(`${key} of ${origin}, overruled: no error, but named where the value stands`, () => {
      const { report } = resolveLens([stated('option', key, right), stated(origin, key, wrong)], proved);
      const value = report.values.find((each) => each.key === key);
      // What the network proves stands in its own words.
      if (value?.origin === 'graph') return;
      assert.deepEqual(value?.value, right);
      assert.match(
        value?.detail ?? '',
        RegExp(
          `^line 3 of the option; not taken, as ${origin === 'files' ? 'line 3 of the files' : `the ${origin}`} .*line 3`,
        ),
      );
      const both = resolveLens([stated('option', key, right), stated(origin, key, right)], proved);
      assert.ok(!/not taken/.test(JSON.stringify(both.report)));
    });

describe('arithmetic at the ends of the graph', () => {
  const imagenet = { step: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const caffe = { step: 'normalize', mean: [103.9, 116.8, 123.7] };
  const rescale = { step: 'rescale' };
  const inside = { because: 'normalizes "x" itself (Sub, Div)', whole: false, centers: true };
  const bytes = { ...inside, range: 'bytes' } as const;
  const unit = { ...inside, range: 'unit' } as const;
  const uint8 = { range: 'bytes', because: 'reads "x" as uint8', whole: true, centers: false } as const;
  const scaled = { ...bytes, because: 'normalizes "x" itself (Mul)', centers: false } as const;

  const written = (preprocess: readonly object[], derived = false): LensSource => ({
    ...stated('lens', 'preprocess', preprocess),
    lens: { name: 'mine', path: null, derived },
  });
  const clashes: readonly (readonly [string, Proved['takes'], readonly object[], says: string])[] = [
    ['normalized, and by the graph', bytes, [rescale, imagenet], '-2.12 to 2.64'],
    ['less a mean, and by the graph', bytes, [caffe], '-124 to 151'],
    ['0..1 into a graph that takes 0..255', bytes, [rescale], '0 to 1'],
    ['normalized before a graph that takes 0..1', unit, [rescale, imagenet], '-2.12 to 2.64'],
    ['0..255 into a graph that takes 0..1', unit, [], '0 to 255'],
    ['0..1 as whole numbers', uint8, [rescale], '0 to 1'],
    ['below 0 as whole numbers', uint8, [{ step: 'rescale', offset: -128, factor: 1 }], '-128 to 127'],
    ['0..1 into a graph that divides by 255', scaled, [rescale], '0 to 1'],
  ];
  for (const [name, takes, steps, says] of clashes)
    test(`${name}: refused, both named`, () => {
      assert.throws(() => resolveLens([written(steps)], { ...proved, takes }), {
        kind: 'usage',
        message: `The lens gives values of ${says}; best.onnx (onnx) ${takes?.because ?? ''} and takes ${takes?.range === 'unit' ? '0..1' : '0..255'}.`,
        fix: 'This is set at line 3 of the lens.',
      });
      assert.ok(resolveLens([written(steps, true)], { ...proved, takes }), 'a lens that ships leaves it out');
    });

  const agree: readonly (readonly [string, Proved['takes'], readonly object[]])[] = [
    ['levels as they are', bytes, [{ step: 'resize', size: 8 }]],
    ['0..1', unit, [rescale]],
    ['whole numbers', uint8, [{ step: 'channels', order: 'BGR' }]],
    ['a mean here and the deviation there', scaled, [caffe]],
    ['nothing of it in the graph', null, [rescale, imagenet]],
  ];
  for (const [name, takes, steps] of agree)
    test(`${name}: taken`, () => {
      assert.ok(resolveLens([written(steps)], { ...proved, takes }));
    });
});

test('a softmax over one logit, which is always 1', () => {
  const one = { ...proved, logits: 1, classes: 2, activation: null };
  assert.throws(() => resolveLens([stated('option', 'output.activation', 'softmax')], one), {
    message: 'The option says softmax; best.onnx (onnx) has one logit, whose softmax is always 1.',
  });
  assert.ok(resolveLens([stated('option', 'output.activation', 'sigmoid')], one));
});

test('what a later source says is not held against it where an earlier one is right', () => {
  const { labels } = resolveLens(
    [stated('lens', 'labels', ['a', 'b', 'c']), stated('files', 'labels', ['of', 'another'])],
    proved,
  );
  assert.deepEqual(labels, ['a', 'b', 'c']);
});
