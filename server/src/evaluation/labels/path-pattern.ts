/** Labels from a part of the path: `{label}/*.png`, `**` for any folders. Not a regular expression: no match takes exponential time. */
import { LensError } from '../../errors';

const PLACE = '{label}';

export interface PathPattern {
  /** Null where the path does not match. */
  labelOf(path: string): string | null;
}

/**
 * `*` stands for any characters of one name, `?` for one, `**` followed by / for any folders, `{label}` for the label, which holds no /. Where
 * several parts of a path could be the label, the shortest counts, and of those the last one.
 * @throws LensError of kind `usage` if it does not contain `{label}` exactly once
 */
export function pathPattern(pattern: string): PathPattern {
  const parts = pattern.split(PLACE);
  const [before, after] = parts;
  if (before === undefined || after === undefined || parts.length !== 2) {
    throw new LensError('usage', `A pattern for labels should hold ${PLACE} once; found "${pattern}".`, {
      fix: `For example "**/${PLACE}/*" or "*_${PLACE}.jpg".`,
    });
  }
  const [head, tail] = [tokensOf(before), tokensOf(after).toReversed()];
  return {
    labelOf(path) {
      const text = Array.from(path);
      const starts = ends(head, text);
      const stops = ends(tail, text.toReversed()).toReversed();
      let best: readonly [number, number] | null = null;
      for (let end = text.length; end > 0; end--) {
        if (stops[end] !== true) continue;
        for (let start = end - 1; start >= 0 && text[start] !== '/'; start--) {
          if (starts[start] !== true) continue;
          if (best === null || end - start < best[1] - best[0]) best = [start, end];
          break; // no shorter one ends here, and longer ones do not count
        }
      }
      return best === null ? null : text.slice(...best).join('');
    },
  };
}

type Token =
  | { readonly is: 'character'; readonly character: string }
  | { readonly is: 'one' | 'name' | 'any' };

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let rest = pattern; rest !== '';) {
    const [piece, token] = rest.startsWith('**')
      ? ['**', { is: 'any' } as const]
      : rest.startsWith('*')
        ? ['*', { is: 'name' } as const]
        : rest.startsWith('?')
          ? ['?', { is: 'one' } as const]
          : [String.fromCodePoint(rest.codePointAt(0) ?? 0), null];
    tokens.push(token ?? { is: 'character', character: piece });
    rest = rest.slice(piece.length);
    if (piece === '**' && rest.startsWith('/')) rest = rest.slice(1); // it may match no folder at all
  }
  return tokens;
}

/** For each position of the text, whether the tokens match everything before it, in time tokens times text. */
function ends(tokens: readonly Token[], text: readonly string[]): readonly boolean[] {
  let reached = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
  for (const token of tokens) {
    const next = reached.map(() => false);
    const stays = token.is === 'name' || token.is === 'any';
    for (let at = 0; at <= text.length; at++) {
      if (stays && reached[at] === true) next[at] = true;
      if (at === text.length) break;
      const from = stays ? next[at] : reached[at];
      if (from === true && takes(token, text[at] ?? '')) next[at + 1] = true;
    }
    reached = next;
  }
  return reached;
}

function takes(token: Token, character: string): boolean {
  switch (token.is) {
    case 'character':
      return token.character === character;
    case 'one':
    case 'name':
      return character !== '/';
    case 'any':
      return true;
  }
}
