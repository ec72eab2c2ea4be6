/** What a network proves is held against every source that contradicts it; the error names both, and where it stands. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LensKey, LensOrigin } from '../../../protocol/lens';
import { LENS_ORIGINS } from '../../../protocol/lens';
import { resolveLens } from '../../../server/src/lens/resolve';
import type { Proved, Said } from '../../../server/src/lens/values';

const proved: Proved = {
  ...{ subject: 'best.onnx (onnx)', layout: 'NCHW', type: 'float32', channels: 3 },
  ...{ size: [64, 96], sizeIsFixed: true, classes: 3 },
  ...{ outputs: ['logits', 'features'], labels: null, normalizes: null, tensorflow: null },
};

const said = (origin: LensOrigin, key: LensKey, value: unknown): Said => ({
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
  ['output.name', 'y', 'reads the output "y"; best.onnx (onnx) has logits, features.', 'features'],
];

for (const origin of LENS_ORIGINS.filter((each) => each !== 'default' && each !== 'graph'))
  describe(`said by ${origin}`, () => {
    for (const [key, wrong, message, right] of VALUES)
      test(`${key}: refused where the network proves otherwise, taken where it agrees`, () => {
        assert.throws(() => resolveLens([said(origin, key, wrong)], proved), {
          kind: 'usage',
          message: `The ${origin} ${message}`,
          fix: `It stands at line 3 of the ${origin}.`,
        });
        assert.ok(resolveLens([said(origin, key, right)], proved));
      });
  });

test('a size is no contradiction where the file leaves it open', () => {
  const open = { ...proved, sizeIsFixed: false };
  assert.ok(resolveLens([said('metadata', 'input.size', [224, 224])], open));
});

test('what a later source says is not held against it where an earlier one is right', () => {
  const { labels } = resolveLens(
    [said('lens', 'labels', ['a', 'b', 'c']), said('files', 'labels', ['of', 'another'])],
    proved,
  );
  assert.deepEqual(labels, ['a', 'b', 'c']);
});
