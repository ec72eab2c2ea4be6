/**
 * The preprocessing steps of a lens: each declared once with its parameters, from which types, checks, JSON schema and hover follow. What a
 * step computes is in server/src/pipeline/steps/<id>/.
 */
import type { Conflict, Given } from './step-conflicts';
import {
  cropConflict,
  normalizeConflict,
  padConflict,
  rescaleConflict,
  resizeConflict,
} from './step-conflicts';
import type { Filled, Parameters, SchemaPart, Written } from './step-parameters';
import { LONGEST_SIDE, schemaOfParameter } from './step-parameters';

export interface StepDeclaration {
  readonly title: string;
  readonly description: string;
  readonly parameters: Parameters;
  /** `float32`: the step needs real planes, so that a `rescale` or `normalize` has to come before it. `uint8`: none may. */
  readonly takes: 'any' | 'float32' | 'uint8';
  /** `float32`: what comes out are real planes whatever came in. */
  readonly gives: 'same' | 'float32';
  /** What a JSON schema cannot say: why these parameters do not go together, and which of them is to blame. Null where they do. */
  readonly conflict?: (config: Given) => Conflict | null;
}

const declare = <const D extends StepDeclaration>(declaration: D): D => declaration;

const resize = declare({
  title: 'Resize',
  description:
    'Resamples to another size, with the arithmetic of the library that the network was trained with.',
  takes: 'any',
  gives: 'same',
  parameters: {
    size: {
      kind: 'size',
      description:
        'A side in pixels, or [height, width]. Where it is left out, the size of the network’s input.',
    },
    fit: {
      kind: 'choice',
      values: ['exact', 'shorter', 'longer', 'cover', 'height', 'letterbox'],
      default: 'exact',
      description:
        'exact: stretched to the size. shorter: the aspect is kept and the size covered (the shorter side of a square size). longer: the aspect is kept and ' +
        'everything fits into the size. cover: the middle part of the size’s aspect, cut out at fractions of a pixel, as Pillow’s ImageOps.fit. height: the height is the size’s and the width follows, at most the size’s. letterbox: as longer, then padded to the size, centered.',
    },
    fraction: {
      kind: 'number',
      min: 0,
      aboveMin: true,
      max: 1,
      default: 1,
      description: 'The size is divided by this and rounded down: timm’s crop_pct, with a crop behind it.',
    },
    rounding: {
      kind: 'choice',
      values: ['down', 'nearest', 'up'],
      description:
        'How the side that follows the aspect becomes a whole number. Left out: down for shorter, as torchvision; nearest (halves to even) for longer and letterbox, as timm and Ultralytics; up for height, as PP-OCR.',
    },
    filter: {
      kind: 'choice',
      values: ['nearest', 'bilinear', 'bicubic', 'lanczos', 'area'],
      default: 'bilinear',
      description: 'area is OpenCV’s INTER_AREA and Pillow’s BOX.',
    },
    antialias: {
      kind: 'flag',
      description:
        'Whether the filter widens where the picture shrinks. Pillow always does, OpenCV never; of torch it has to be said.',
    },
    like: {
      kind: 'choice',
      values: ['pillow', 'opencv', 'torch'],
      default: 'pillow',
      description:
        'Whose arithmetic: Pillow 12.0, OpenCV 4.12 or torch 2.9, each to the last bit at 8 bits where it computes in integers.',
    },
    path: {
      kind: 'choice',
      values: ['float', 'uint8'],
      description:
        'Of torch on 8-bit pixels. float (if left out): computed in float32 and rounded, as torchvision.transforms does. uint8: torch’s own 8-bit kernel, as torchvision.transforms.v2 and Hugging Face’s fast CPUs use.',
    },
    fill: {
      kind: 'per-channel',
      description:
        'Of letterbox: the color of the margin on the scale of the values; 114 as Ultralytics if left out.',
    },
  },
  conflict: resizeConflict,
});

const crop = declare({
  title: 'Crop',
  description: 'Cuts a rectangle out.',
  takes: 'any',
  gives: 'same',
  parameters: {
    to: {
      kind: 'choice',
      values: ['size', 'aspect'],
      default: 'size',
      description:
        'size: that size. aspect: the largest part that has the size’s aspect; of a square size the shorter side.',
    },
    size: {
      kind: 'size',
      description:
        'A side in pixels, or [height, width]. Where it is left out, the size of the network’s input. A smaller picture is padded first.',
    },
    fraction: {
      kind: 'number',
      min: 0,
      aboveMin: true,
      max: 1,
      description: 'Instead of a size: the central share of each side that stays, as tf.image.central_crop.',
    },
    border: {
      kind: 'number',
      whole: true,
      min: 0,
      max: LONGEST_SIDE,
      description:
        'Instead of a size: the number of pixels to cut off each side, as timm’s crop_border_pixels.',
    },
    at: {
      kind: 'choice',
      values: ['center', 'top-left'],
      default: 'center',
      description: 'Which part stays.',
    },
    rounding: {
      kind: 'choice',
      values: ['even', 'down', 'zero'],
      default: 'even',
      description:
        'Where the middle lies between two pixels. even: halves to the even neighbor, as torchvision and timm. down: as Hugging Face’s slow CPUs. zero: as its fast ones; differs from down where the picture is smaller.',
    },
    fill: {
      kind: 'per-channel',
      default: 0,
      description: 'The color where the picture is smaller than the size, on the scale of the values.',
    },
  },
  conflict: cropConflict,
});

const pad = declare({
  title: 'Pad',
  description: 'Adds a margin.',
  takes: 'any',
  gives: 'same',
  parameters: {
    to: {
      kind: 'choice',
      values: ['size', 'square', 'multiple'],
      default: 'size',
      description:
        'size: at least that size. square: the longer side both ways. multiple: sides that divide by "multiple".',
    },
    size: {
      kind: 'size',
      description:
        'A side in pixels, or [height, width]. Where it is left out, the size of the network’s input.',
    },
    multiple: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 1024,
      description: 'Both sides become multiples of this, such as the network’s stride.',
    },
    at: {
      kind: 'choice',
      values: ['center', 'top-left'],
      default: 'center',
      description:
        'Where the picture stands; centered, the larger half of an odd margin is on the right and below.',
    },
    mode: {
      kind: 'choice',
      values: ['constant', 'reflect', 'edge'],
      default: 'constant',
      description:
        'What the margin holds: a color, the picture mirrored without its border pixel, or its border pixel.',
    },
    fill: {
      kind: 'per-channel',
      default: 0,
      description: 'The color of a constant margin, on the scale of the values.',
    },
  },
  conflict: padConflict,
});

const jpeg = declare({
  title: 'JPEG',
  description:
    'Pixels as they are after they have been written as JPEG and read again, as libjpeg-turbo does both (Pillow, OpenCV).',
  takes: 'uint8',
  gives: 'same',
  parameters: {
    quality: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 100,
      default: 75,
      description: 'Left out, 75: Pillow’s default. OpenCV’s is 95.',
    },
    subsampling: {
      kind: 'choice',
      values: ['4:2:0', '4:4:4'],
      default: '4:2:0',
      description: 'Whether colors have half the size.',
    },
  },
});

const channels = declare({
  title: 'Channels',
  description: 'Puts the channels into the network’s order, or makes one gray channel of them.',
  takes: 'any',
  gives: 'same',
  parameters: {
    order: {
      kind: 'choice',
      values: ['RGB', 'BGR', 'gray'],
      required: true,
      description: 'A gray picture becomes RGB or BGR by repeating it.',
    },
    weights: {
      kind: 'choice',
      values: ['pillow', 'opencv', 'torch'],
      default: 'pillow',
      description:
        'Of gray: 0.299 R + 0.587 G + 0.114 B in the integer arithmetic of Pillow or OpenCV; torch has 0.2989 R + 0.587 G + 0.114 B, cut off.',
    },
  },
});

const rescale = declare({
  title: 'Rescale',
  description: 'value x factor + offset, as float32.',
  takes: 'any',
  gives: 'float32',
  parameters: {
    factor: {
      kind: 'number',
      default: 1 / 255,
      description: 'Left out, 1/255: 8-bit pixels become 0..1.',
    },
    offset: {
      kind: 'number',
      default: 0,
      description: 'Added behind the factor: -1 with 1/127.5 gives -1..1.',
    },
  },
  conflict: rescaleConflict,
});

const normalize = declare({
  title: 'Normalize',
  description: '(value - mean) / std, as float32.',
  takes: 'any',
  gives: 'float32',
  parameters: {
    mean: {
      kind: 'per-channel',
      required: true,
      description:
        'One number for all channels, or one for each, in the order that the channels have here, on the scale that the values have here.',
    },
    std: {
      kind: 'per-channel',
      min: 0,
      aboveMin: true,
      default: 1,
      description: 'As mean.',
    },
  },
  conflict: normalizeConflict,
});

const wavelet = declare({
  title: 'Wavelet',
  description: 'Each channel blended with its wavelet approximation, stretched back: (cA + value) / 2.',
  takes: 'float32',
  gives: 'float32',
  parameters: {
    name: {
      kind: 'choice',
      values: ['haar', 'db2', 'db3', 'db4', 'sym2', 'sym3', 'sym4', 'sym5', 'coif1'],
      default: 'sym2',
      description: 'The wavelet, by PyWavelets’ name.',
    },
    mode: {
      kind: 'choice',
      values: ['reflect', 'symmetric', 'periodization', 'zero'],
      default: 'reflect',
      description: 'How the picture continues beyond its borders, by PyWavelets’ name.',
    },
  },
});

/** Every step, by the name that a lens writes in `"step"`. */
export const STEPS = { resize, crop, pad, jpeg, channels, rescale, normalize, wavelet } as const;

export type StepId = keyof typeof STEPS;

export const STEP_IDS = Object.keys(STEPS) as readonly StepId[];

type ParametersOf<Id extends StepId> = (typeof STEPS)[Id]['parameters'];

/** One step as a lens writes it. */
export type StepConfig = { [Id in StepId]: { readonly step: Id } & Written<ParametersOf<Id>> }[StepId];

/** A step with its defaults filled in, as it is run. */
export type FilledStep<Id extends StepId = StepId> = {
  [I in Id]: { readonly step: I } & Filled<ParametersOf<I>>;
}[Id];

/** The JSON schema (draft 7) of a lens's list of steps: one object for each kind; `step` says which. */
export const stepsSchema = (): SchemaPart => ({
  type: 'array',
  maxItems: MOST_STEPS,
  items: { anyOf: STEP_IDS.map(schemaOfStep) },
});

/** More steps than any preprocessing has: a lens is an untrusted file. */
export const MOST_STEPS = 64;

function schemaOfStep(id: StepId): SchemaPart {
  const { title, description, parameters }: StepDeclaration = STEPS[id];
  const entries = Object.entries(parameters);
  return {
    ...{ title, description, type: 'object', additionalProperties: false },
    properties: {
      step: { const: id, description: title },
      ...Object.fromEntries(entries.map(([key, parameter]) => [key, schemaOfParameter(parameter)])),
    },
    required: ['step', ...entries.filter(([, { required }]) => required === true).map(([key]) => key)],
  };
}
