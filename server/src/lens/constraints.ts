/** What the network proves about itself wins; a source that contradicts it is an error that names both. */
import { isAbsolute } from 'node:path';
import type { LensKey } from '../../../protocol/lens';
import { LensError } from '../errors';
import { checkSteps } from '../../../protocol/check-steps';
import { centers, reachOf } from './reach';
import type { InputSize, LensValues, Proved, LensSource, StatedValue, TakenValues } from './values';

/** @throws LensError of kind `usage` */
export function requireProved<K extends LensKey>(
  key: K,
  stated: StatedValue<K>,
  by: LensSource,
  proved: Proved,
): void {
  const clash = clashOf(key, stated, by, proved);
  if (clash === null) return;
  const subject = subjectOf(stated, by);
  throw new LensError('usage', `${subject} ${clash.says}; ${proved.subject} ${clash.proves}.`, {
    ...(by.origin === 'option' || by.origin === 'files' ? {} : { fix: `This is set at ${stated.detail}.` }),
    remedies: key === 'output.activation' ? ['other-activation'] : ['choose-lens', 'choose-weights'],
  });
}

/** There may be several files beside a model, and one of them says this. */
export const subjectOf = ({ detail }: StatedValue, { origin, subject }: LensSource): string =>
  origin === 'files' ? (isAbsolute(detail) ? `The file ${detail}` : detail) : subject;

/** Where a source and the network contradict each other, one clause for each; null where they agree. */
export function clashOf<K extends LensKey>(
  key: K,
  { value }: StatedValue<K>,
  { lens }: Pick<LensSource, 'lens'>,
  proved: Proved,
): Clash | null {
  // Lenses that ship and derived ones describe the whole preparation; the part that the graph does itself is left out.
  if (key === 'preprocess' && lens?.derived !== false) return null;
  return rules[key]?.(value, proved) ?? null;
}

interface Clash {
  /** Verb phrases, of which the subjects are the source and the network. */
  readonly says: string;
  readonly proves: string;
}

type Rule<K extends LensKey> = (value: LensValues[K], proved: Proved) => Clash | null;

/** Names shown of a list. */
const SHOWN = 4;

export const listed = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')}, ...`;

const counted = (count: number): string => `${count} ${count === 1 ? 'class' : 'classes'}`;

const bySides = ([height, width]: InputSize): string => `${width}x${height} pixels (WxH)`;

const rules: { readonly [K in LensKey]?: Rule<K> } = {
  labels: (labels, { classes, logits }) =>
    labels.length === classes
      ? null
      : {
          says: `names ${counted(labels.length)} (${listed(labels)})`,
          proves: logits === 1 ? 'has one logit, which tells two classes apart' : `has ${counted(classes)}`,
        },
  'input.layout': (value, { layout }) =>
    value === layout ? null : { says: `says the input is ${value}`, proves: `takes ${layout}` },
  'input.type': (value, { type }) =>
    value === type ? null : { says: `says the input is ${value}`, proves: `takes ${type}` },
  'input.size': (value, { size, sizeIsFixed }) =>
    !sizeIsFixed || (value[0] === size[0] && value[1] === size[1])
      ? null
      : { says: `gives ${bySides(value)}`, proves: `takes ${bySides(size)}` },
  preprocess: (steps, { takes }) => (takes === null ? null : arithmeticClash(steps, takes)),
  'output.activation': (value, { activation, logits }) => {
    if (value === 'softmax' && logits === 1)
      return { says: 'says softmax', proves: 'has one logit, whose softmax is always 1' };
    if (value === 'auto' || value === 'none' || activation === null || activation === value) return null;
    const ends = activation === 'none' ? 'forces its outputs to be probabilities' : `ends in ${activation}`;
    return { says: `says ${value}`, proves: `${ends} itself` };
  },
  'output.name': (value, { outputs }) =>
    outputs.includes(value)
      ? null
      : { says: `reads the output "${value}"`, proves: `has ${listed(outputs)}` },
};

/** Values up to here are no longer 0..255. */
const LEAST_BYTES = 16;
/** Values of 0..1 stay within these. */
const UNIT = [-0.25, 1.5] as const;

/** Steps that repeat what the graph does itself, or lack what it relies on. */
function arithmeticClash(steps: LensValues['preprocess'], takes: TakenValues): Clash | null {
  const checked = checkSteps(steps);
  if (!checked.ok) return null; // reported elsewhere
  const [least, greatest] = reachOf(checked.steps);
  const proves = `${takes.because} and takes ${takes.range === 'bytes' ? '0..255' : '0..1'}`;
  const twice = takes.centers && checked.steps.some(centers);
  const beyond =
    takes.range === 'bytes'
      ? greatest <= LEAST_BYTES || (takes.whole && (least < 0 || greatest > 255))
      : takes.centers && (least < UNIT[0] || greatest > UNIT[1]);
  const says = `gives values of ${short(least)} to ${short(greatest)}`;
  return twice || beyond ? { says, proves } : null;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * The tensor that the steps make has to be the network's input.
 * @param shape (1, C, H, W) of the tensor
 * @throws LensError of kind `usage` that names both
 */
export function requireShape(
  shape: readonly number[],
  wanted: readonly number[],
  subject: string,
  network: string,
): void {
  if (shape.length === wanted.length && shape.every((side, axis) => side === wanted[axis])) return;
  const stated = ([, channels = 0, height = 0, width = 0]: readonly number[]): string =>
    `${channels} ${channels === 1 ? 'channel' : 'channels'} of ${bySides([height, width])}`;
  throw new LensError('usage', `${subject} gives ${stated(shape)}; ${network} takes ${stated(wanted)}.`, {
    fix: 'End with a resize, crop or pad without "size": it takes the network’s.',
    remedies: ['choose-lens', 'choose-weights'],
  });
}
