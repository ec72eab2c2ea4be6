/** The RetinaFace networks that share names and shapes but not meaning, and how their weights tell them apart. */
import type { StateDict } from './state-dict';

export type RetinaFaceBody = 'resnet50' | 'mobilenet0.25';

export type RetinaFaceVariantId = 'ternaus' | 'pytorch-retinaface' | 'mobilenet' | 'mobilenet-1mb';

/** What names and shapes do not reveal. */
export interface RetinaFaceVariant {
  readonly id: RetinaFaceVariantId;
  readonly body: RetinaFaceBody;
  /** For people. */
  readonly name: string;
  /** Of the LeakyReLU after the normalizations; 0 is plain ReLU. */
  readonly slope: number;
  /** Side lengths in pixels of the two anchors in each cell, for strides 8, 16 and 32. */
  readonly anchorSizes: readonly (readonly [number, number])[];
  /** Channel order and scaling: (value - mean) / std, in the order that the network receives. */
  readonly input: {
    readonly order: 'RGB' | 'BGR';
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
}

const wide = [
  [16, 32],
  [64, 128],
  [256, 512],
] as const;

/** ImageNet's, in 0..255. */
const imageNet = {
  order: 'RGB',
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
} as const;

/** Caffe's convention. */
const caffe = { order: 'BGR', mean: [104, 117, 123], std: [1, 1, 1] } as const;

export const retinaFaceVariants: Readonly<Record<RetinaFaceVariantId, RetinaFaceVariant>> = {
  /** retinaface_pytorch (github.com/ternaus/retinaface): `Model.transform` and `priorbox` of release 0.0.8. */
  ternaus: {
    id: 'ternaus',
    body: 'resnet50',
    name: 'RetinaFace ResNet-50 (retinaface_pytorch)',
    slope: 0,
    anchorSizes: wide,
    input: imageNet,
  },
  /** github.com/biubug6/Pytorch_Retinaface: `cfg_re50` and detect.py. */
  'pytorch-retinaface': {
    id: 'pytorch-retinaface',
    body: 'resnet50',
    name: 'RetinaFace ResNet-50 (Pytorch_Retinaface)',
    slope: 0,
    anchorSizes: wide,
    input: caffe,
  },
  /** github.com/biubug6/Pytorch_Retinaface: `cfg_mnet`; LeakyReLU wherever the pyramid has 64 channels or fewer. */
  mobilenet: {
    id: 'mobilenet',
    body: 'mobilenet0.25',
    name: 'RetinaFace MobileNet-0.25 (Pytorch_Retinaface)',
    slope: 0.1,
    anchorSizes: wide,
    input: caffe,
  },
  /** github.com/biubug6/Face-Detector-1MB-with-landmark: `cfg_mnet`; smaller anchors, plain ReLU. */
  'mobilenet-1mb': {
    id: 'mobilenet-1mb',
    body: 'mobilenet0.25',
    name: 'RetinaFace MobileNet-0.25 (Face-Detector-1MB)',
    slope: 0,
    anchorSizes: [
      [10, 20],
      [32, 64],
      [128, 256],
    ],
    input: caffe,
  },
};

export interface VariantChoice {
  readonly variant: RetinaFaceVariant;
  /** What was assumed because the weights cannot tell; for the report. */
  readonly notes: readonly string[];
}

/** Decides by the normalizations' running statistics. Names are without a wrapper's prefix. */
export async function chooseVariant(stateDict: StateDict, body: RetinaFaceBody): Promise<VariantChoice> {
  if (body === 'resnet50') {
    const scaled = (await firstLayerGain(stateDict)) < UNSCALED_GAIN;
    return { variant: retinaFaceVariants[scaled ? 'ternaus' : 'pytorch-retinaface'], notes: [] };
  }
  const votes = await rectifierVotes(stateDict);
  if (votes !== 0)
    return { variant: retinaFaceVariants[votes > 0 ? 'mobilenet-1mb' : 'mobilenet'], notes: [] };
  return {
    variant: retinaFaceVariants.mobilenet,
    notes: [
      'The weights fit two MobileNet-0.25 detectors with different anchors and activations, and their statistics do ' +
        'not tell them apart; Pytorch_Retinaface was assumed, not Face-Detector-1MB.',
    ],
  };
}

/**
 * The median over channels of the first normalization's variance over its kernel's sum of squares, which is the variance
 * of the input times at most the kernel's 147 weights (when all pixels agree). Inputs of unit variance give about 2,
 * 8-bit values less their mean (variance about 57^2) several thousand.
 */
async function firstLayerGain(stateDict: StateDict): Promise<number> {
  const weight = await stateDict.float32('body.conv1.weight');
  const variance = await stateDict.float32('body.bn1.running_var');
  const each = weight.length / variance.length;
  const gains = variance.map((value, channel) => {
    const kernel = weight.subarray(channel * each, (channel + 1) * each);
    return (
      value /
      Math.max(
        sumOf(kernel, (w) => w * w),
        Number.MIN_VALUE,
      )
    );
  });
  return gains.sort()[gains.length >> 1] ?? 0;
}

const UNSCALED_GAIN = 200;

/** A channel below this many standard deviations is mostly negative before the rectifier. */
const MOSTLY_NEGATIVE = -1.2;

/**
 * For x ~ N(beta, gamma^2), the output of a normalization, with beta < -gamma: E[relu(x)] > 0, but E[leaky(x)] < 0 for
 * slope 0.1. A depthwise convolution multiplies that mean by the sum of its kernel, and the next normalization has stored
 * the result. So each such channel votes: the signs of stored mean and kernel sum agree (+1, ReLU) or not (-1, leaky).
 */
async function rectifierVotes(stateDict: StateDict): Promise<number> {
  let votes = 0;
  for (const { before, depthwise, after } of depthwiseLayers(stateDict)) {
    const [beta, gamma, kernels, mean] = await Promise.all(
      [`${before}.bias`, `${before}.weight`, `${depthwise}.weight`, `${after}.running_mean`].map((name) =>
        stateDict.float32(name),
      ),
    );
    beta?.forEach((value, channel) => {
      if (value >= MOSTLY_NEGATIVE * Math.abs(gamma?.[channel] ?? 0)) return;
      const kernel = sumOf(kernels?.subarray(channel * 9, channel * 9 + 9) ?? [], (w) => w);
      // The statistics of a channel that is never active have decayed to zero, or to the smallest number: no evidence.
      const stored = mean?.[channel] ?? 0;
      if (Math.abs(stored) > 1e-9 && kernel !== 0) votes += Math.sign(stored * kernel);
    });
  }
  return votes;
}

/** Every depthwise convolution of the MobileNet, with the normalizations before and after it. */
function* depthwiseLayers(stateDict: StateDict) {
  let before = '';
  for (const stage of [1, 2, 3]) {
    for (let index = 0; ; index++) {
      const path = `body.stage${stage}.${index}`;
      if (stateDict.has(`${path}.3.weight`)) {
        yield { before, depthwise: `${path}.0`, after: `${path}.1` };
        before = `${path}.4`;
      } else if (stateDict.has(`${path}.1.weight`)) {
        before = `${path}.1`;
      } else {
        break;
      }
    }
  }
}

function sumOf(values: Iterable<number>, of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}
