/** How a network is fed whose graph does part of the preprocessing itself: nothing is done twice. Lens files are obeyed to the letter. */
import type { FilledStep } from '../../../../protocol/steps';
import { LensError } from '../../errors';
import type { Proved } from '../network/onnx/proved';

interface Steps {
  readonly preprocess: readonly FilledStep[];
  readonly range: readonly [least: number, greatest: number] | null;
}

export interface Feed extends Steps {
  /** What is done differently from the lens, and why, in sentences. */
  readonly notes: readonly string[];
}

type Known = Pick<Proved, 'input' | 'normalization' | 'range'>;

/** The source of the steps, to begin a sentence: `The pipeline fsbi`. */
interface Named {
  readonly subject: string;
}

/** @param proved null for networks that are built here: they are fed as the lens says */
export function feedFor(lens: Steps & Named, proved: Known | null): Feed {
  const { preprocess, range: trained } = lens;
  if (proved === null) return { preprocess, range: trained, notes: [] };
  const { input, range } = proved;
  const gray = input.channels === 1;
  if (preprocess.some(({ step }) => step === 'wavelet') && (gray || range === 'bytes'))
    throw noWavelet(lens, input);
  const kept = preprocess.filter(({ step }) => !DONE_INSIDE[range ?? 'none'].includes(step));
  const left = kept.length < preprocess.length;
  const reversed =
    proved.normalization?.order === 'BGR' && !preprocess.some(({ step }) => step === 'channels');
  const steps = reversed ? withChannels(kept, { step: 'channels', order: 'BGR', weights: 'opencv' }) : kept;
  return {
    preprocess: gray ? inGray(steps) : steps,
    range: range === null ? trained : range === 'bytes' ? [0, 255] : [0, 1],
    notes: [
      ...(gray && !kept.some(makesGray) ? [grayNote(steps.some(({ step }) => step === 'normalize'))] : []),
      ...(range === null ? [] : [insideNote(lens, proved, left)]),
      ...(reversed ? [ORDER_NOTE] : []),
    ],
  };
}

/** By the input range of the graph: steps of a lens that would change the range first. */
const DONE_INSIDE: Readonly<Record<'none' | 'bytes' | 'unit', readonly FilledStep['step'][]>> = {
  none: [],
  bytes: ['rescale', 'normalize'],
  unit: ['normalize'],
};

const makesGray = (step: FilledStep): boolean => step.step === 'channels' && step.order === 'gray';

/** Gray is computed from 8-bit pixels, before they are changed; three means and deviations become one. Steps that make gray themselves are left as they are. */
function inGray(steps: readonly FilledStep[]): readonly FilledStep[] {
  if (steps.some(makesGray)) return steps;
  const others = steps.filter(({ step }) => step !== 'channels').map(averaged);
  return withChannels(others, { step: 'channels', order: 'gray', weights: 'opencv' });
}

/** After the steps on 8-bit pixels. */
function withChannels(steps: readonly FilledStep[], channels: FilledStep): readonly FilledStep[] {
  const real = steps.findIndex(({ step }) => step === 'rescale' || step === 'normalize');
  const at = real < 0 ? steps.length : real;
  return [...steps.slice(0, at), channels, ...steps.slice(at)];
}

const ORDER_NOTE =
  "The means that the graph takes off are ImageNet's in the order blue, green, red: it was given BGR.";

const averaged = (step: FilledStep): FilledStep =>
  step.step === 'normalize' ? { ...step, mean: average(step.mean), std: average(step.std) } : step;

const average = (values: number | readonly number[]): number =>
  typeof values === 'number' ? values : values.reduce((sum, value) => sum + value, 0) / values.length;

function insideNote({ subject }: Named, { input, normalization, range }: Known, left: boolean): string {
  const why =
    normalization === null
      ? `The input "${input.name}" holds ${input.type} values`
      : `The graph normalizes "${input.name}" itself (${normalization.operators.join(', ')})`;
  return (
    `${why}: it was given values of ${range === 'bytes' ? '0..255' : '0..1'}` +
    `${left ? `, and the normalization of ${subject.replace(/^The /, 'the ')} was left out` : ''}.`
  );
}

const grayNote = (normalized: boolean): string =>
  'The network takes one channel: it was given gray, 0.299 R + 0.587 G + 0.114 B' +
  `${normalized ? ", normalized with the average of the lens's means and deviations" : ''}.`;

const noWavelet = ({ subject }: Named, { name, type, channels }: Proved['input']): LensError =>
  new LensError(
    'usage',
    `${subject} gives three planes of a wavelet blend, from 0 to 1.5; the input "${name}" takes ` +
      `${channels === 1 ? 'one channel of gray' : `values of 0..255 (${type})`}.`,
    { remedies: ['choose-lens', 'choose-weights'] },
  );
