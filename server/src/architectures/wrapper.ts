/** Finds the prefix that wrapping modules put before a network's names: `module.`, `net.`, `_orig_mod.`, any other. */

/**
 * The shortest text before `anchor` among the names, '' when the network is not wrapped. Null when no name ends in
 * the anchor: then `commonPrefix` may still help.
 */
export function prefixBefore(anchor: string, names: Iterable<string>): string | null {
  let shortest: string | null = null;
  for (const name of names) {
    if (!name.endsWith(anchor)) continue;
    const prefix = name.slice(0, name.length - anchor.length);
    if (prefix !== '' && !prefix.endsWith('.')) continue;
    if (shortest === null || prefix.length < shortest.length) shortest = prefix;
  }
  return shortest;
}

/** Prefixes that PyTorch, its compilers and common training scripts wrap a network in. */
const wrappers = new Set([
  'module',
  'model',
  'net',
  'network',
  '_orig_mod',
  'backbone',
  'encoder',
  'ema',
  'state_dict',
]);

/** Leading wrapper segments that all names share. */
export function commonPrefix(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return '';
  let prefix = '';
  for (const segment of first.split('.')) {
    const longer = `${prefix}${segment}.`;
    if (!wrappers.has(segment) || !names.every((name) => name.startsWith(longer))) break;
    prefix = longer;
  }
  return prefix;
}

/** The place of a network in a file: its prefix, and those of other complete copies. */
export interface Place {
  readonly prefix: string;
  readonly copies: readonly string[];
  /** False where nothing tells which of the copies is meant. */
  readonly clear: boolean;
}

/** More wrappers than any file has; a hostile one may have thousands of names that end in an anchor. */
const MOST_PREFIXES = 64;

/**
 * Where a network with these parameters is. With several whole copies (an average, a teacher) the one in the
 * usual wrappers is meant; if there is none, it is unclear which one is. Null when no name ends in the
 * anchor.
 */
export function placeOf(
  anchor: string,
  trunk: readonly string[],
  shapes: ReadonlyMap<string, unknown>,
): Place | null {
  const shortest = prefixBefore(anchor, shapes.keys());
  if (shortest === null) return null;
  const whole = prefixesBefore(anchor, shapes.keys())
    .slice(0, MOST_PREFIXES)
    .filter((prefix) => trunk.every((name) => shapes.has(prefix + name)));
  if (whole.length < 2) return { prefix: whole[0] ?? shortest, copies: [], clear: true };
  const prefix = whole.find(isUsual);
  const [first = shortest] = whole;
  const chosen = prefix ?? first;
  return { prefix: chosen, copies: whole.filter((other) => other !== chosen), clear: prefix !== undefined };
}

/** Every text before the anchor in some name, the shortest first. */
function prefixesBefore(anchor: string, names: Iterable<string>): readonly string[] {
  const prefixes: string[] = [];
  for (const name of names) {
    if (!name.endsWith(anchor)) continue;
    const prefix = name.slice(0, name.length - anchor.length);
    if (prefix === '' || prefix.endsWith('.')) prefixes.push(prefix);
  }
  return prefixes.sort((a, b) => a.length - b.length);
}

const isUsual = (prefix: string): boolean =>
  prefix
    .split('.')
    .slice(0, -1)
    .every((segment) => wrappers.has(segment) && segment !== 'ema');
