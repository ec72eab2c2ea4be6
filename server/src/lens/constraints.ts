/** What the network proves of itself holds; a source that says otherwise is an error that names both. */
import type { LensKey } from '../../../protocol/lens';
import { LensError } from '../errors';
import type { InputSize, LensValues, Proved, Said, SaidValue } from './values';

/** @throws LensError of kind `usage` */
export function requireProved<K extends LensKey>(key: K, said: SaidValue<K>, by: Said, proved: Proved): void {
  const rule = rules[key];
  const clash = rule?.(said.value, proved) ?? null;
  if (clash === null) return;
  throw new LensError('usage', `${by.subject} ${clash.says}; ${proved.subject} ${clash.proves}.`, {
    fix: `It stands at ${said.detail}.`,
    remedies: ['choose-lens', 'choose-weights'],
  });
}

interface Clash {
  /** Verb phrases, of which the subjects are the source and the network. */
  readonly says: string;
  readonly proves: string;
}

type Rule<K extends LensKey> = (value: LensValues[K], proved: Proved) => Clash | null;

/** Names shown of a list. */
const SHOWN = 4;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')}, ...`;

const counted = (count: number): string => `${count} ${count === 1 ? 'class' : 'classes'}`;

const bySides = ([height, width]: InputSize): string => `${width}x${height} pixels (WxH)`;

const rules: { readonly [K in LensKey]?: Rule<K> } = {
  labels: (labels, { classes }) =>
    labels.length === classes
      ? null
      : { says: `names ${counted(labels.length)} (${listed(labels)})`, proves: `has ${counted(classes)}` },
  'input.layout': (value, { layout }) =>
    value === layout ? null : { says: `says the input is ${value}`, proves: `takes ${layout}` },
  'input.type': (value, { type }) =>
    value === type ? null : { says: `says the input is ${value}`, proves: `takes ${type}` },
  'input.size': (value, { size, sizeIsFixed }) =>
    !sizeIsFixed || (value[0] === size[0] && value[1] === size[1])
      ? null
      : { says: `gives ${bySides(value)}`, proves: `takes ${bySides(size)}` },
  'output.name': (value, { outputs }) =>
    outputs.includes(value)
      ? null
      : { says: `reads the output "${value}"`, proves: `has ${listed(outputs)}` },
};

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
  const said = ([, channels = 0, height = 0, width = 0]: readonly number[]): string =>
    `${channels} ${channels === 1 ? 'channel' : 'channels'} of ${bySides([height, width])}`;
  throw new LensError('usage', `${subject} gives ${said(shape)}; ${network} takes ${said(wanted)}.`, {
    fix: 'Steps that leave their size out take the network’s.',
    remedies: ['choose-lens', 'choose-weights'],
  });
}
