/** `*` for any characters and `?` for one, as shells have them. No backtracking: patterns may come from files that others wrote. */

export interface GlobOptions {
  /** As file systems on Windows compare names. */
  readonly ignoreCase?: boolean;
}

export const isGlob = (text: string): boolean => /[*?]/.test(text);

/**
 * Whether a pattern matches all of a text; both are compared by code point. Of several `*` only the last one can have taken too little, so
 * the time is at most pattern times text.
 */
export function matchesGlob(
  pattern: string,
  text: string,
  { ignoreCase = false }: GlobOptions = {},
): boolean {
  const fold = (all: string): string[] => Array.from(ignoreCase ? all.toLowerCase() : all);
  const [wanted, found] = [fold(pattern), fold(text)];
  let [p, t] = [0, 0];
  let star: { readonly after: number; taken: number } | null = null;
  while (t < found.length) {
    if (wanted[p] === '*') {
      star = { after: p + 1, taken: t };
      p += 1;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === found[t])) {
      p += 1;
      t += 1;
    } else if (star !== null) {
      star.taken += 1;
      [p, t] = [star.after, star.taken];
    } else return false;
  }
  return wanted.slice(p).every((part) => part === '*');
}
