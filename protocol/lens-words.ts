/** A lens in a report, in words: for Markdown, terminal, and panel alike. Reports may come from anywhere, so a value may be anything. */
import type { LensOrigin, LensReport, LensValueReport } from './lens';

export const LENS_ORIGIN_TITLES: Readonly<Record<LensOrigin, string>> = {
  graph: 'the network itself',
  option: 'requested',
  lens: 'the lens',
  beside: 'the lens beside the weights',
  store: 'the lens in the store',
  metadata: 'the file’s metadata',
  files: 'a file beside the weights',
  architecture: 'the architecture',
  guess: 'a guess',
  default: 'default',
};

/** Characters of a value; a thousand labels are cut. */
const LONGEST = 160;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Such as `resize (size 256, fit shorter), crop (size 224)`. */
function stepText(step: unknown): string {
  if (!isRecord(step)) return plain(step);
  const { step: name, ...parameters } = step;
  const written = Object.entries(parameters).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.map(plain).join(' ') : plain(value)}`,
  );
  return written.length === 0 ? plain(name) : `${plain(name)} (${written.join(', ')})`;
}

export function lensValueText({ key, value }: Pick<LensValueReport, 'key' | 'value'>): string {
  if (!Array.isArray(value)) return cut(plain(value));
  const items: readonly unknown[] = value;
  if (key === 'preprocess') return items.map(stepText).join(', ');
  const text = items.map(plain).join(', ');
  return text.length > LONGEST ? `${items.length}: ${cut(text)}` : text;
}

/** One line: the lens, which of its values are guesses, and of which the sources say different things. */
export function lensSummary({ name, path, values }: LensReport): string {
  const guesses = values.filter(({ origin }) => origin === 'guess').map(({ key }) => key);
  const origins = new Set(values.map(({ origin }) => origin));
  origins.delete('default');
  origins.delete('guess');
  const from = [...origins].map((origin) => LENS_ORIGIN_TITLES[origin]).join(', ');
  const lens = name === null ? 'none' : (path ?? name);
  const by = from === '' ? '' : `; values from ${from}`;
  const disputed = values.filter(({ detail }) => /; not taken[:,]/.test(detail)).map(({ key }) => key);
  return [
    `${lens}${by}`,
    ...(guesses.length === 0 ? [] : [`guessed: ${guesses.join(', ')}`]),
    ...(disputed.length === 0 ? [] : [`sources disagree on ${disputed.join(', ')}`]),
  ].join('; ');
}
