/** Layers chosen by patterns over their names: `features.*`, `blocks[-1]`, `last`, `all`. */
import { nearestName } from '../architectures/edit-distance';
import type { ReportedLayer } from '../architectures/layers';
import { LensError } from '../errors';
import { formOf, positionsOf } from './form';
import { isGlob, matchesGlob } from '../system/glob';

/** Takes every layer. */
const ALL = 'all';

/** Takes the last layer with height and width, so that its heatmap can be shown over a picture. */
const LAST = 'last';

/** Layers that are named where a pattern fits none. */
const SHOWN = 6;

/** Patterns as they are written in one text, with commas between them. */
export const patternsIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');

/**
 * In the order of the forward pass.
 * @param patterns each has to fit a layer; `*` and `?` are as in shells, `[n]` counts the numbered modules of a list or name, from its end if n < 0
 * @param source names the network in messages
 * @throws LensError of kind `usage` naming the pattern that fits none
 */
export function layersFitting(
  layers: readonly ReportedLayer[],
  patterns: readonly string[],
  source: string,
): readonly ReportedLayer[] {
  const names = layers.map(({ name }) => name);
  const plain = patterns.map((pattern) =>
    pattern === LAST ? lastWithPlaces(layers) : counted(pattern, names),
  );
  plain.forEach((pattern, i) => {
    if (!names.some((name) => fits(pattern, name))) throw noLayer(patterns[i] ?? '', names, source);
  });
  return layers.filter(({ name }) => plain.some((pattern) => fits(pattern, name)));
}

/** The name itself where there is none, so that the message says what was requested. */
const lastWithPlaces = (layers: readonly ReportedLayer[]): string =>
  layers.findLast(({ shape, form = formOf(shape) }) => form !== null && positionsOf(form) > 1)?.name ?? LAST;

const fits = (pattern: string, name: string): boolean =>
  [name, moduleOf(name)].some((each) => pattern === ALL || pattern === each || matchesGlob(pattern, each));

/** A convolution named only by its position is reported as `stem.0.conv`, and its module is `stem.0`. */
const moduleOf = (name: string): string => name.replace(/(\.\d+)\.conv$/, '$1');

/** `blocks[-1].mlp` as `blocks.11.mlp`, where the list has twelve. */
function counted(pattern: string, names: readonly string[]): string {
  const found = /^([^[\]]*)\[(-?\d+)\](.*)$/.exec(pattern);
  if (found === null) return pattern;
  const [, list = '', index = '', rest = ''] = found;
  const child = childrenOf(list, names).at(Number(index));
  return child === undefined ? pattern : counted(`${child}${rest}`, names);
}

/**
 * The numbered modules of a list in their order: `blocks.0`; else children that share a name, `layers.encoder_layer_0`; else siblings, of
 * which the list is the name: `layer1`.
 */
function childrenOf(list: string, names: readonly string[]): readonly string[] {
  const inside = names
    .filter((name) => name.startsWith(`${list}.`))
    .map((name) => name.slice(list.length + 1));
  const numbered = byNumber(inside, `${list}.`);
  if (numbered.length > 0) return numbered;
  const [, stem] =
    inside.map((name) => /^(\D+?)\d+(?=\.|$)/.exec(name)).find((match) => match !== null) ?? [];
  if (stem !== undefined)
    return byNumber(
      inside.filter((name) => name.startsWith(stem)).map((name) => name.slice(stem.length)),
      `${list}.${stem}`,
    );
  const beside = names.filter((name) => name.startsWith(list)).map((name) => name.slice(list.length));
  return byNumber(beside, list);
}

function byNumber(names: readonly string[], before: string): readonly string[] {
  const numbers = new Set(names.flatMap((name) => /^(\d+)(?=\.|$)/.exec(name)?.[1] ?? []));
  return [...numbers].sort((a, b) => Number(a) - Number(b)).map((each) => `${before}${each}`);
}

function noLayer(pattern: string, names: readonly string[], source: string): LensError {
  const nearest = isGlob(pattern) ? null : nearestName(pattern, names);
  const some = names.length <= SHOWN ? names : [...names.slice(0, SHOWN - 1), '...', names.at(-1) ?? ''];
  return new LensError('usage', `${source}: no layer matches "${pattern}".`, {
    about: 'layers',
    fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Its ${names.length} layers are ${some.join(', ')}.`,
  });
}
