/** How a recipe feeds a network whose graph says something about that itself: what the graph does is not done twice. */
import type { FilledStep } from '../../../../protocol/steps';
import { LensError } from '../../errors';
import type { Proved } from '../network/onnx/proved';
import type { Recipe } from '../recipe';

export interface Feed extends Pick<Recipe, 'preprocess' | 'expectedRange'> {
  /** What is done otherwise than the recipe says, and why, in sentences. */
  readonly notes: readonly string[];
}

type Known = Pick<Proved, 'input' | 'normalization' | 'range'>;

/** @param proved null for networks that are built here: they are fed as the recipe says */
export function feedFor(recipe: Recipe, proved: Known | null): Feed {
  const { preprocess, expectedRange } = recipe;
  if (proved === null) return { preprocess, expectedRange, notes: [] };
  const { input, range } = proved;
  const gray = input.channels === 1;
  if (preprocess.some(({ step }) => step === 'wavelet') && (gray || range === 'bytes'))
    throw noWavelet(recipe, input);
  const steps = preprocess.filter(({ step }) => !DONE_INSIDE[range ?? 'none'].includes(step));
  const left = steps.length < preprocess.length;
  return {
    preprocess: gray ? inGray(steps) : steps,
    expectedRange: range === null ? expectedRange : range === 'bytes' ? [0, 255] : [0, 1],
    notes: [
      ...(gray ? [grayNote(steps.some(({ step }) => step === 'normalize'))] : []),
      ...(range === null ? [] : [insideNote(recipe, proved, left)]),
    ],
  };
}

/** By the values that the graph takes: steps of a recipe that would change their range before. */
const DONE_INSIDE: Readonly<Record<'none' | 'bytes' | 'unit', readonly FilledStep['step'][]>> = {
  none: [],
  bytes: ['rescale', 'normalize'],
  unit: ['normalize'],
};

/** Gray is made of the 8-bit pixels, where those are; three means and deviations become one. */
function inGray(steps: readonly FilledStep[]): readonly FilledStep[] {
  const others = steps.filter(({ step }) => step !== 'channels').map(averaged);
  const real = others.findIndex(({ step }) => step === 'rescale' || step === 'normalize');
  const at = real < 0 ? others.length : real;
  return [
    ...others.slice(0, at),
    { step: 'channels', order: 'gray', weights: 'opencv' },
    ...others.slice(at),
  ];
}

const averaged = (step: FilledStep): FilledStep =>
  step.step === 'normalize' ? { ...step, mean: average(step.mean), std: average(step.std) } : step;

const average = (values: number | readonly number[]): number =>
  typeof values === 'number' ? values : values.reduce((sum, value) => sum + value, 0) / values.length;

function insideNote({ id }: Recipe, { input, normalization, range }: Known, left: boolean): string {
  const why =
    normalization === null
      ? `The input "${input.name}" holds ${input.type} values`
      : `The graph normalizes "${input.name}" itself (${normalization.operators.join(', ')})`;
  return (
    `${why}: it was given values of ${range === 'bytes' ? '0..255' : '0..1'}` +
    `${left ? `, and the normalization of the pipeline ${id} was left out` : ''}.`
  );
}

const grayNote = (normalized: boolean): string =>
  'The network takes one channel: it was given gray, 0.299 R + 0.587 G + 0.114 B' +
  `${normalized ? ", normalized with the average of the pipeline's means and deviations" : ''}.`;

const noWavelet = ({ id }: Recipe, { name, type, channels }: Proved['input']): LensError =>
  new LensError(
    'usage',
    `The pipeline ${id} gives three planes of a wavelet blend, from 0 to 1.5; the input "${name}" takes ` +
      `${channels === 1 ? 'one channel of gray' : `values of 0..255 (${type})`}.`,
    { remedies: ['choose-pipeline', 'choose-weights'] },
  );
