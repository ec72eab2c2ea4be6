/** What is assumed where no source says how pictures are prepared: a guess, with the alternatives. */
import type { LensStep } from '../../../../protocol/lens';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import type { InputSize, ModelFacts, Proved, LensSource } from '../values';
import { KERAS_STEPS } from '../writers/keras';

/** Smaller inputs belong to datasets of small pictures, which nobody crops. */
const LEAST_CROPPED = 96;

/** torchvision's: pictures of 224 pixels are cut from 256. */
const CROPPED = 224 / 256;

/** Null before the network is loaded, unless it is built here. */
export function guess({
  proved,
  architecture,
  name,
}: Pick<ModelFacts, 'proved' | 'architecture' | 'name'>): LensSource | null {
  if (proved === null) return null;
  const { steps, detail, others } = preparation(proved);
  const network =
    architecture === 'onnx'
      ? `${name} does not say how its pictures are prepared`
      : `nothing is known about ${architecture}`;
  return {
    ...{ origin: 'guess', lens: null, subject: 'A guess' },
    values: { preprocess: { value: steps, detail: `${network}: ${detail}`, others } },
  };
}

interface Preparation {
  readonly steps: readonly LensStep[];
  readonly detail: string;
  readonly others: readonly string[];
}

/** Keras resizes by stretching, and each of its published networks has one normalization. */
function ofKeras(
  { size: [height, width], channels }: Proved,
  application: KerasApplication | null,
): Preparation {
  const gray: readonly LensStep[] = channels === 1 ? [{ step: 'channels', order: 'gray' }] : [];
  const stretched = { step: 'resize', fit: 'exact', filter: 'bilinear', like: 'opencv' };
  const others = ['the nearest pixel, as load_img resizes', 'the middle cropped', ...KERAS_RANGES];
  const shaping = `from TensorFlow: stretched to ${width}x${height}`;
  if (application === null || channels === 1)
    return {
      steps: [stretched, ...gray, { step: 'rescale' }],
      detail: `${shaping}; values 0 to 1`,
      others: others.slice(0, -1),
    };
  const { name, mode } = application;
  return {
    steps: [stretched, ...KERAS_STEPS[mode]],
    detail: `${shaping}; its layers are named as those of keras.applications' ${name}, whose preprocess_input has mode ${mode}`,
    others,
  };
}

type KerasApplication = NonNullable<NonNullable<Proved['tensorflow']>['application']>;

const KERAS_RANGES = ['values -1 to 1', 'values 0 to 255', "BGR minus ImageNet's means", 'values 0 to 1'];

function preparation(proved: Proved): Preparation {
  const { size, channels, normalizes, type, tensorflow } = proved;
  if (tensorflow !== null && normalizes === null && type !== 'uint8')
    return ofKeras(proved, tensorflow.application);
  const gray: readonly LensStep[] = channels === 1 ? [{ step: 'channels', order: 'gray' }] : [];
  const { shape, shaping, other } = shaped(size);
  const bytes = normalizes === 'bytes' || type === 'uint8';
  if (bytes || normalizes !== null) {
    const scale: readonly LensStep[] = bytes ? [] : [{ step: 'rescale' }];
    return {
      steps: [...shape, ...gray, ...scale],
      detail: `${shaping}; ${bytes ? 'values 0 to 255' : 'values 0 to 1'}, which the graph itself normalizes`,
      others: [other],
    };
  }
  if (channels === 1)
    return {
      steps: [...shape, ...gray, { step: 'rescale' }],
      detail: `${shaping}; gray, values 0 to 1`,
      others: [other, 'a mean and deviation of the training data', 'values 0 to 255', 'white on black'],
    };
  return {
    steps: [...shape, { step: 'rescale' }, { step: 'normalize', mean: IMAGENET_MEAN, std: IMAGENET_STD }],
    detail: `${shaping}; ImageNet's mean and deviation`,
    others: [other, 'mean and deviation 0.5', 'values 0 to 1', 'values 0 to 255', 'BGR'],
  };
}

/** As torchvision shapes squares of common size; all others are stretched. */
function shaped([height, width]: InputSize): {
  readonly shape: readonly LensStep[];
  readonly shaping: string;
  readonly other: string;
} {
  const stretched = { step: 'resize', fit: 'exact', filter: 'bilinear', like: 'pillow' };
  if (height !== width || height < LEAST_CROPPED)
    return {
      shape: [stretched],
      shaping: `stretched to ${width}x${height}`,
      other: 'the aspect kept and the rest cropped or padded',
    };
  const resize = { step: 'resize', fit: 'shorter', fraction: CROPPED, filter: 'bilinear', like: 'pillow' };
  return {
    shape: [resize, { step: 'crop', at: 'center' }],
    shaping: `the shorter side to ${Math.floor(height / CROPPED)}, the middle ${width}x${height} of it`,
    other: `stretched to ${width}x${height}`,
  };
}
