/** A lens as text, commented with what is known of each value, from where, and what is not. */
import { LENS_ORIGIN_TITLES } from '../../../protocol/lens-words';
import type { LensKey, LensReport, LensValueReport } from '../../../protocol/lens';

/** On one line, whatever is in a name: a comment must not end early. */
const comment = (text: string): string => `// ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`;

/** Classes that are written into the lens; longer lists belong into a file. */
const MOST_LABELS = 200;

/** What an editor completes from here on, where nothing is known of it. */
const UNKNOWN: Readonly<Partial<Record<LensKey, string>>> = {
  labels: 'labels: not known. A list of names by index, or a file such as "labels.txt"',
};

/** @param model as the lens names it: a path relative to the lens, an id of the store, or a built-in network */
export function lensText({ values }: LensReport, model: string): string {
  const lines = [
    comment(
      'How this model wants to be fed, read and named. Each value says where it was read; check the guesses.',
    ),
    '{',
    `  "model": ${JSON.stringify(model)},`,
    ...section(values, 'labels', 'labels'),
    ...faceStage(values),
    ...section(values, 'preprocess', 'preprocess'),
    ...group(values, 'input', ['layout', 'type', 'size', 'range']),
    ...group(values, 'output', ['name', 'activation', 'threshold']),
    ...section(values, 'target', 'target'),
    ...section(values, 'layers', 'layers'),
    ...section(values, 'methods', 'methods'),
  ];
  return `${lines.join('\n').replace(/,$/, '')}\n}\n`;
}

const find = (values: readonly LensValueReport[], key: LensKey): LensValueReport | undefined =>
  values.find((value) => value.key === key);

function section(values: readonly LensValueReport[], key: LensKey, name: string): readonly string[] {
  const value = find(values, key);
  const unknown = UNKNOWN[key];
  if (value === undefined) return unknown === undefined ? [] : [`  ${comment(unknown)}`];
  const long = key === 'labels' && Array.isArray(value.value) && value.value.length > MOST_LABELS;
  if (long)
    return [
      ...remarks(value, '  '),
      `  ${comment(`${name}: too many to list here; name a file, such as "labels.txt"`)}`,
    ];
  return [...remarks(value, '  '), `  ${JSON.stringify(name)}: ${written(value.value, '  ')},`];
}

function faceStage(values: readonly LensValueReport[]): readonly string[] {
  const [use, crop] = [find(values, 'detector.use'), find(values, 'detector.crop')];
  if (use === undefined || use.value === 'none')
    return [`  ${comment('no "detector": the whole picture is prepared')}`];
  const parts = { use: use.value, ...(crop === undefined ? {} : { crop: crop.value }) };
  return [...remarks(use, '  '), `  "detector": ${JSON.stringify(parts)},`];
}

function group(
  values: readonly LensValueReport[],
  name: 'input' | 'output',
  keys: readonly string[],
): readonly string[] {
  const known = keys.flatMap((key) => find(values, `${name}.${key}` as LensKey) ?? []);
  if (known.length === 0) return [];
  const lines = known.flatMap((value) => [
    ...remarks(value, '    '),
    `    ${JSON.stringify(value.key.slice(name.length + 1))}: ${written(value.value, '    ')},`,
  ]);
  return [`  "${name}": {`, lines.join('\n').replace(/,$/, ''), '  },'];
}

/** Where it was read; of a guess, what else it could be. */
function remarks({ origin, detail, others = [] }: LensValueReport, indent: string): readonly string[] {
  const title = origin === 'guess' ? 'A GUESS' : LENS_ORIGIN_TITLES[origin];
  return [`${title}: ${detail}`, ...others.map((other) => `or: ${other}`)].map(
    (text) => `${indent}${comment(text)}`,
  );
}

/** Lists of objects one per line, all else on one line. */
function written(value: unknown, indent: string): string {
  const isList = Array.isArray(value) && value.some((item) => item !== null && typeof item === 'object');
  if (!isList) return JSON.stringify(value);
  const items = (value as readonly unknown[]).map((item) => `${indent}  ${JSON.stringify(item)}`);
  return `[\n${items.join(',\n')}\n${indent}]`;
}
