/**
 * The preprocessing steps of a lens: each declared once with its parameters, from which types, checks, JSON schema and hover follow. What a
 * step computes is in server/src/pipeline/steps/<id>/.
 */
import { normalizeConflict, rescaleConflict } from './step-conflicts';
import { declare, type StepDeclaration } from './step-declaration';
import { crop, pad, resize } from './step-geometry';
import type { Filled, SchemaPart, Written } from './step-parameters';
import { schemaOfParameter } from './step-parameters';
import { normalizeReach, rescaleReach, waveletReach } from './step-reach';

export type { StepDeclaration };

const jpeg = declare({
  title: 'JPEG',
  description: 'Writes the pixels as JPEG and reads them again, both as libjpeg-turbo does (Pillow, OpenCV).',
  takes: 'uint8',
  gives: 'same',
  parameters: {
    quality: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 100,
      default: 75,
      description: 'If left out, 75, which is Pillow’s default. OpenCV’s is 95.',
    },
    subsampling: {
      kind: 'choice',
      values: ['4:2:0', '4:4:4'],
      default: '4:2:0',
      description: 'Whether the color channels have half the resolution (4:2:0).',
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
        'For gray: 0.299 R + 0.587 G + 0.114 B in the integer arithmetic of Pillow or OpenCV; torch uses 0.2989 R + 0.587 G + 0.114 B, truncated.',
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
      description: 'If left out, 1/255: 8-bit pixels become 0..1.',
    },
    offset: {
      kind: 'number',
      default: 0,
      description: 'Added after the multiplication: -1 with 1/127.5 gives -1..1.',
    },
  },
  conflict: rescaleConflict,
  reach: rescaleReach,
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
        'One number for all channels, or one for each, in the order of the channels and on the scale of the values at this step.',
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
  reach: normalizeReach,
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
      description: 'The wavelet, by its name in PyWavelets.',
    },
    mode: {
      kind: 'choice',
      values: ['reflect', 'symmetric', 'periodization', 'zero'],
      default: 'reflect',
      description: 'How the picture continues beyond its borders, by its name in PyWavelets.',
    },
  },
  reach: waveletReach,
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
