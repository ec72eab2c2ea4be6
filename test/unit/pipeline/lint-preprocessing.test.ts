/** Each rule about how a picture was prepared: a list of steps that must trigger it, and its neighbor that must not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilledStep, StepConfig } from '../../../protocol/steps';
import type { Report } from '../../../protocol/report';
import { checkSteps } from '../../../protocol/check-steps';
import { Kernels } from '../../../server/src/imaging/kernels';
import { describePreprocess } from '../../../server/src/pipeline/reporting/describe';
import { computeWarnings } from '../../../server/src/pipeline/reporting/warnings';
import { prepareInput } from '../../../server/src/pipeline/steps/preprocess';
import { referenceRun } from '../report/reference-run';

const kernels = new Kernels();

interface Case {
  readonly steps: readonly StepConfig[];
  readonly picture?: readonly [width: number, height: number];
  readonly architecture?: string;
  /** Level of the brightest pixel. */
  readonly brightest?: number;
  readonly expectedRange?: readonly [number, number] | null;
}

function filled(steps: readonly StepConfig[]): readonly FilledStep[] {
  const checked = checkSteps(steps);
  assert.ok(checked.ok);
  return checked.steps;
}

/** The codes of the warnings that a report would have whose picture went through these steps. */
function codesOf({
  steps,
  picture = [96, 96],
  architecture = 'onnx',
  expectedRange = null,
  brightest = 255,
}: Case): readonly string[] {
  const [width, height] = picture;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % (brightest + 1));
  const box = [0, 0, width, height] as const;
  const region = { image: { width, height, data }, box, clamped: false, mode: 'whole' } as const;
  const prepared = prepareInput(region, { preprocess: filled(steps) }, { width: 32, height: 32 }, kernels);
  const report: Report = {
    ...referenceRun,
    model: { ...referenceRun.model, architecture },
    detection: { ...referenceRun.detection, crop: { ...referenceRun.detection.crop, box, mode: 'whole' } },
    preprocess: describePreprocess(prepared, { range: expectedRange }),
  };
  return computeWarnings(report, []).map(({ code }) => code);
}

const exact: StepConfig = { step: 'resize', size: 32 };
const rescale: StepConfig = { step: 'rescale' };
const imagenet: StepConfig = { step: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const caffe: StepConfig = { step: 'normalize', mean: [123.68, 116.779, 103.939] };
const bgr: StepConfig = { step: 'channels', order: 'BGR' };

const rules: readonly (readonly [code: string, name: string, triggers: Case, other: Case])[] = [
  [
    'normalized-twice',
    'two normalizations, and one',
    { steps: [exact, rescale, imagenet, { step: 'normalize', mean: 0.5, std: 0.5 }] },
    { steps: [exact, rescale, imagenet] },
  ],
  [
    'normalized-twice',
    "ImageNet's mean on -1..1, and a deviation apart from its mean as Hugging Face's EfficientNet has it",
    { steps: [exact, { step: 'rescale', factor: 1 / 127.5, offset: -1 }, imagenet] },
    { steps: [exact, rescale, imagenet, { step: 'normalize', mean: 0, std: 0.5 }] },
  ],
  [
    'not-rescaled',
    'a picture that is not touched at all, and only rescaled',
    { steps: [], picture: [32, 32] },
    { steps: [rescale], picture: [32, 32] },
  ],
  [
    'not-rescaled',
    'a forgotten rescale, on a dark picture too, and with it',
    { steps: [exact, imagenet], brightest: 9 },
    { steps: [exact, rescale, imagenet], brightest: 9 },
  ],
  [
    'scale-doubt',
    'a mean of 0..255 on 0..1, and on the pixels of a dark picture',
    { steps: [exact, rescale, caffe], brightest: 9 },
    { steps: [exact, caffe], brightest: 9 },
  ],
  [
    'scale-doubt',
    'rescaled twice, and in two parts',
    { steps: [exact, rescale, rescale] },
    { steps: [exact, { step: 'rescale', factor: 1 / 127.5 }, { step: 'rescale', factor: 0.5 }] },
  ],
  ['not-rescaled', 'levels as they are, and 0..1', { steps: [exact] }, { steps: [exact, rescale] }],
  [
    'not-rescaled',
    'levels as they are, and less their mean as Caffe has it',
    { steps: [exact, { step: 'normalize', mean: 0.5, std: 1 }] },
    { steps: [exact, bgr, { step: 'normalize', mean: [103.939, 116.779, 123.68] }] },
  ],
  [
    'channel-order-doubt',
    "ImageNet's mean on BGR, and on RGB",
    { steps: [exact, rescale, bgr, imagenet] },
    { steps: [exact, rescale, imagenet, bgr] },
  ],
  [
    'channel-order-doubt',
    "Caffe's mean on RGB, and on BGR",
    { steps: [exact, { step: 'normalize', mean: [103.939, 116.779, 123.68] }] },
    { steps: [exact, bgr, { step: 'normalize', mean: [103.939, 116.779, 123.68] }] },
  ],
  [
    'channel-order-doubt',
    "ImageNet's mean turned around on RGB, and another network's mean",
    { steps: [exact, rescale, { step: 'normalize', mean: [0.406, 0.456, 0.485] }] },
    { steps: [exact, rescale, { step: 'normalize', mean: 0.5, std: 0.5 }] },
  ],
  [
    'channel-order-doubt',
    "Caffe's rounded mean on RGB, and CLIP's, which is ImageNet's but for the digits, on RGB",
    { steps: [exact, { step: 'normalize', mean: [104, 117, 123] }] },
    { steps: [exact, rescale, { step: 'normalize', mean: [0.48145466, 0.4578275, 0.40821073] }] },
  ],
  [
    'channel-order-doubt',
    'blue first into a network of torchvision, and into another',
    { steps: [exact, rescale, bgr], architecture: 'torchvision/resnet50' },
    { steps: [exact, rescale, bgr], architecture: 'efficientnet_pytorch/b5' },
  ],
  [
    'not-antialiased',
    "OpenCV's bilinear filter at a third of the size, and Pillow's",
    { steps: [{ ...exact, like: 'opencv' }, rescale], architecture: 'timm/resnet50' },
    { steps: [{ ...exact, like: 'pillow' }, rescale], architecture: 'timm/resnet50' },
  ],
  [
    'not-antialiased',
    'at a third of the size, and at two thirds',
    { steps: [{ ...exact, like: 'opencv' }, rescale], architecture: 'torchvision/resnet50' },
    {
      steps: [{ ...exact, like: 'opencv' }, rescale],
      architecture: 'torchvision/resnet50',
      picture: [48, 48],
    },
  ],
  [
    'not-antialiased',
    'along one side alone, and along neither',
    { steps: [{ ...exact, like: 'opencv' }, rescale], architecture: 'timm/resnet50', picture: [96, 48] },
    { steps: [{ ...exact, like: 'opencv' }, rescale], architecture: 'timm/resnet50', picture: [64, 48] },
  ],
  [
    'value-range',
    "values off the lens's range, and within",
    { steps: [exact, rescale], expectedRange: [-1, 0.5] },
    { steps: [exact, rescale], expectedRange: [0, 1] },
  ],
  [
    'value-range',
    '0..1 for a network that takes 0..255, and 0..255',
    { steps: [exact, rescale], expectedRange: [0, 255] },
    { steps: [exact], expectedRange: [0, 255] },
  ],
];

for (const [code, name, triggers, other] of rules)
  test(`${code}: ${name}`, () => {
    assert.ok(codesOf(triggers).includes(code), `expected ${code}, found ${codesOf(triggers).join(', ')}`);
    assert.ok(!codesOf(other).includes(code), `${code} where nothing is wrong`);
  });
