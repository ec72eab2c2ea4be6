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

/** Segments that PyTorch, its compilers and common training scripts wrap a network in. */
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
