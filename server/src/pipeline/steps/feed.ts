/** How a network is fed whose graph does part of the preprocessing itself: nothing is done twice. Lens files are obeyed to the letter. */
import type { FilledStep } from '../../../../protocol/steps';
import { LensError } from '../../errors';
import { reachOf } from '../../lens/reach';
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
  const own = preprocess.filter(({ step }) => !DONE_INSIDE[range ?? 'none'].includes(step));
  const kept = range === 'unit' ? toUnit(own) : own;
  const left = own.length < preprocess.length || kept !== own;
  const reversed =
    proved.normalization?.order === 'BGR' && !preprocess.some(({ step }) => step === 'channels');
  const steps = reversed ? withChannels(kept, { step: 'channels', order: 'BGR', weights: 'opencv' }) : kept;
  return {
    preprocess: gray ? inGray(steps) : steps,
    range: rangeTaken(proved) ?? trained,
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

/** What a graph takes that normalizes itself; null if it does not show. */
export const rangeTaken = (proved: Pick<Proved, 'range'> | null): Steps['range'] =>
  proved === null || proved.range === null ? null : proved.range === 'bytes' ? [0, 255] : [0, 1];

const UNIT: FilledStep = { step: 'rescale', factor: 1 / 255, offset: 0 };

/** Steps that end at other values than 0..1, such as x / 127.5 - 1, are rescaled to these. A wavelet's are its own. */
function toUnit(steps: readonly FilledStep[]): readonly FilledStep[] {
  const [least, greatest] = reachOf(steps);
  const reached = Math.abs(least) < NEAR && Math.abs(greatest - 1) < NEAR;
  if (reached || steps.some(({ step }) => step === 'wavelet')) return steps;
  return [...steps.filter(({ step }) => step !== 'rescale'), UNIT];
}

/** 1/256 is close enough to 1/255. */
const NEAR = 0.01;

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
  "The means that the graph subtracts are ImageNet's in the order blue, green, red: it was given BGR.";

const CHANNELS = { RGB: 'red, green, blue', BGR: 'blue, green, red' } as const;

/**
 * Where steps that are followed to the letter give channels in another order than the graph's own means have;
 * null if nothing shows it.
 */
export function orderDoubt(
  { preprocess, subject }: Pick<Steps, 'preprocess'> & Named,
  proved: Pick<Known, 'normalization'> | null,
): string | null {
  const order = proved?.normalization?.order ?? null;
  const given = preprocess.findLast((step) => step.step === 'channels')?.order ?? 'RGB';
  if (order === null || given === order || given === 'gray') return null;
  return (
    `The means that the graph subtracts are ImageNet's in the order ${CHANNELS[order]}; ` +
    `${subject.replace(/^The /, 'the ')} gives ${CHANNELS[given]}.`
  );
}

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
