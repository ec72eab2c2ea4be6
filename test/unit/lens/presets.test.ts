/** The presets that a network is given are the steps that were compared with its library, element by element, in test/golden/steps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSteps } from '../../../protocol/check-steps';
import { presetsOf, stepsOf } from '../../../server/src/lens/presets';
import { fromArchitecture } from '../../../server/src/lens/sources/architecture';
import { GoldenArrays } from '../../support/golden';

/** Of a golden's name, the weights. */
const WEIGHTS: Readonly<Record<string, readonly [architecture: string, weights: RegExp]>> = {
  'resnet50/v1': ['torchvision/resnet50', /ResNet50.*V1$/],
  'resnet50/v2': ['torchvision/resnet50', /ResNet50.*V2$/],
  'efficientnet_b0/v1': ['torchvision/efficientnet_b0', /V1$/],
  'efficientnet_b5/v1': ['torchvision/efficientnet_b5', /V1$/],
  'efficientnet_v2_s/v1': ['torchvision/efficientnet_v2_s', /V1$/],
  'vit_b_16/v1': ['torchvision/vit_b_16', /IMAGENET1K_V1$/],
  'vit_b_16/swag': ['torchvision/vit_b_16', /SWAG_E2E_V1$/],
  'swin_t/v1': ['torchvision/swin_t', /V1$/],
  'swin_v2_t/v1': ['torchvision/swin_v2_t', /V1$/],
  'convnext_tiny/v1': ['torchvision/convnext_tiny', /V1$/],
};

const filled = (steps: readonly object[]) => {
  const checked = checkSteps(steps);
  assert.ok(checked.ok);
  return checked.steps;
};

const golden = new GoldenArrays('steps/presets');
type Written = Readonly<Record<string, unknown>>;
const stepsIn = (key: string): readonly Written[] =>
  (golden.get(key) as unknown as { steps: readonly Written[] }).steps;

/** Pillow always widens its filter, whether a lens says so or not. */
const ofPillow = (step: Written): Written =>
  Object.fromEntries(Object.entries(step).filter(([key]) => key !== 'antialias'));

test('torchvision: the steps of each preset are those of its golden', () => {
  const keys = golden.keys.filter((key) => /^torchvision\/.*\/portrait\/pillow$/.test(key));
  assert.equal(keys.length, Object.keys(WEIGHTS).length);
  for (const key of keys) {
    const [architecture, weights] = WEIGHTS[key.replace(/^torchvision\/|\/portrait\/pillow$/g, '')]!;
    const preset = presetsOf(architecture).find((each) => weights.test(each.weights));
    assert.ok(preset, key);
    assert.deepEqual(filled(stepsOf(preset)), filled(stepsIn(key).map(ofPillow)), key);
  }
});

test('timm: center, squash and border are those of their goldens', () => {
  const shared = { weights: 'any', filter: 'bicubic' };
  const modes = {
    'center-0.875': { ...shared, crop: 224, fraction: 0.875 },
    'squash-0.9': { ...shared, crop: 160, fraction: 0.9, mode: 'squash' },
    'border-0.9': { ...shared, crop: 160, fraction: 0.9, mode: 'border' },
  } as const;
  for (const [name, preset] of Object.entries(modes))
    assert.deepEqual(filled(stepsOf(preset)), filled(stepsIn(`timm/${name}/portrait`)), name);
});

test('efficientnet_pytorch: the package’s own sizes, and advprop’s values beside ImageNet’s', () => {
  const sides = { b0: 224, b1: 240, b2: 260, b3: 300, b4: 380, b5: 456, b6: 528, b7: 600, b8: 672 };
  for (const [variant, side] of Object.entries(sides)) {
    const presets = presetsOf(`efficientnet_pytorch/${variant}`);
    assert.deepEqual(
      presets.map(({ resize, crop, filter, mean }) => [resize, crop, filter, mean?.[0]]),
      [
        [side, side, 'bicubic', undefined],
        [side, side, 'bicubic', 0.5],
      ],
    );
  }
});

test('weights that share a network are told apart by their classes, then by the names in their path', async () => {
  const of = async (classes: number, path: string | null, name = 'weights.pth') => {
    const facts = { architecture: 'timm/vit_tiny_patch16_224', name, path };
    const found = await fromArchitecture({
      ...facts,
      classes: () => Promise.resolve(classes),
      sha256: () => Promise.resolve(null),
    });
    const {
      value,
      detail,
      others = [],
    } = found?.values.preprocess as {
      value: readonly { step: string; mean?: readonly number[] }[];
      detail: string;
      others?: readonly string[];
    };
    return { mean: value.find(({ step }) => step === 'normalize')?.mean?.[0], detail, others: others.length };
  };
  // Only DeiT's and the fine-tuned ones have ImageNet's 1,000 classes, and they differ.
  assert.deepEqual(
    [(await of(1000, '/tmp/weights.pth')).others, (await of(21_843, '/tmp/weights.pth')).others],
    [1, 0],
  );
  assert.equal((await of(21_843, '/tmp/weights.pth')).mean, 0.5);
  for (const path of [
    '/tmp/deit_tiny_patch16_224-a1311bcf.pth',
    '/hub/models--timm--deit_tiny_patch16_224.fb_in1k/x/model.safetensors',
  ]) {
    const { mean, detail, others } = await of(1000, path);
    assert.deepEqual([mean, others], [0.485, 1], path);
    assert.match(detail, /deit_tiny_patch16_224\.fb_in1k, by the name “deit_tiny/);
  }
  assert.equal((await of(1000, '/x/vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors')).mean, 0.5);
  assert.match((await of(1000, null, 'deit_tiny_patch16_224')).detail, /by the name/);
  // Classes of one's own tell nothing.
  assert.equal((await of(7, '/tmp/weights.pth')).others, 1);
});

test("the fill of timm's border is rounded as Python rounds: halves to the even neighbor", () => {
  const preset = {
    weights: 'mine',
    crop: 224,
    filter: 'bicubic',
    mode: 'border',
    mean: [0.5, 0.3, 0.7],
  } as const;
  const crop = stepsOf(preset).find(({ step }) => step === 'crop');
  // round(255 * 0.5), round(255 * 0.3), round(255 * 0.7) in Python.
  assert.deepEqual(crop?.['fill'], [128, 76, 178]);
});
