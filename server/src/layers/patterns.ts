/** Layers chosen by patterns over their names: `features.*`, `blocks[-1]`, `all`. */
import { nearestName } from '../architectures/edit-distance';
import type { ReportedLayer } from '../architectures/layers';
import { LensError } from '../errors';
import { isGlob, matchesGlob } from '../system/glob';

/** Takes every layer. */
const ALL = 'all';

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
 * @param patterns each has to fit a layer; `*` and `?` are as in shells, `[n]` counts the numbered modules of a list, from its end if n < 0
 * @param source names the network in messages
 * @throws LensError of kind `usage` naming the pattern that fits none
 */
export function layersFitting(
  layers: readonly ReportedLayer[],
  patterns: readonly string[],
  source: string,
): readonly ReportedLayer[] {
  const names = layers.map(({ name }) => name);
  const plain = patterns.map((pattern) => counted(pattern, names));
  plain.forEach((pattern, i) => {
    if (!names.some((name) => fits(pattern, name))) throw noLayer(patterns[i] ?? '', names, source);
  });
  return layers.filter(({ name }) => plain.some((pattern) => fits(pattern, name)));
}

const fits = (pattern: string, name: string): boolean =>
  pattern === ALL || pattern === name || matchesGlob(pattern, name);

/** `blocks[-1].mlp` as `blocks.11.mlp`, where the list has twelve. */
function counted(pattern: string, names: readonly string[]): string {
  const found = /^([^[\]]*)\[(-?\d+)\](.*)$/.exec(pattern);
  if (found === null) return pattern;
  const [, list = '', index = '', rest = ''] = found;
  const numbers = new Set<number>();
  for (const name of names) {
    const [, number] = name.startsWith(`${list}.`)
      ? (/^(\d+)(?:\.|$)/.exec(name.slice(list.length + 1)) ?? [])
      : [];
    if (number !== undefined) numbers.add(Number(number));
  }
  const number = [...numbers].sort((a, b) => a - b).at(Number(index));
  return number === undefined ? pattern : counted(`${list}.${number}${rest}`, names);
}

function noLayer(pattern: string, names: readonly string[], source: string): LensError {
  const nearest = isGlob(pattern) ? null : nearestName(pattern, names);
  const some = names.length <= SHOWN ? names : [...names.slice(0, SHOWN - 1), '...', names.at(-1) ?? ''];
  return new LensError('usage', `${source}: no layer fits "${pattern}".`, {
    fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Its ${names.length} layers are ${some.join(', ')}.`,
  });
}
