/** The text of a lens as a syntax tree with positions, also while the text is incomplete. */
import { parseTree, type Node } from 'jsonc-parser';

/** Longer texts are not lenses, and deeper ones would exhaust the parser's stack. */
const MOST = { characters: 262_144, brackets: 20_000 } as const;

export const isTooLong = (text: string): boolean =>
  text.length > MOST.characters || (text.match(/[[{]/g)?.length ?? 0) > MOST.brackets;

/** Undefined where nothing can be parsed. A byte order mark is skipped, so that offsets are those of the text. */
export function treeOf(text: string): Node | undefined {
  if (isTooLong(text)) return undefined;
  return parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true });
}
