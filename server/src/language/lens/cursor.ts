/**
 * What is around the cursor in JSON with comments that may be broken: where in it the cursor is, what would be replaced, and whether commas
 * are missing. Read from the tokens, since a tree of a broken text has lost what stands between its values.
 */
import { createScanner } from 'jsonc-parser';
import type { LensPath } from '../../../../protocol/lens-check';

/** The scanner's `SyntaxKind`, an enum that only its own compilation can read by name. */
const KINDS = {
  ...{ openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, comma: 5, colon: 6 },
  ...{ null: 7, string: 10, number: 11, lineComment: 12, blockComment: 13, unknown: 16, end: 17 },
} as const;

/** The scanner's `ScanError` of a string without a second quote. */
const UNEXPECTED_END = 2;

interface Token {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  /** Of a string its text. */
  readonly value: string;
  /** A string that its line ends. */
  readonly isOpen: boolean;
}

export interface Cursor {
  /** Of the key or value that goes there. */
  readonly path: LensPath;
  readonly isKey: boolean;
  /** What is replaced: a word or string at the cursor, or nothing. */
  readonly start: number;
  readonly end: number;
  /** Of a string that is replaced; null for anything else. */
  readonly replaced: string | null;
  /** Where a comma is missing before it; null where none is. */
  readonly commaBefore: number | null;
  readonly commaBehind: boolean;
  /** Of a key: a colon follows. */
  readonly hasValue: boolean;
}

/** Null where nothing can be written: in a comment, before a value that is there, behind a key without a colon. */
export function cursorIn(text: string, offset: number): Cursor | null {
  const tokens = tokensOf(text);
  if (tokens.some((token) => isComment(token) && isWithin(token, offset, text))) return null;
  const significant = tokens.filter((token) => !isComment(token));
  const touched = significant.find((token) => isWord(token) && token.start <= offset && offset <= token.end);
  const { start, end } = touched ?? { start: offset, end: offset };
  const before = significant.filter((token) => token.end <= start && token !== touched);
  const [next, second] = significant.filter((token) => token.start >= end && token !== touched);
  const place = placeBehind(before);
  if (place === null || next?.isOpen || next?.kind === KINDS.unknown) return null;
  const { path, state } = place;
  if (state === 'colon' || (state === 'after' && touched !== undefined)) return null;
  const isKey = state === 'key' || (state === 'after' && typeof path.at(-1) === 'string');
  const nextIsKey = next?.kind === KINDS.string && second?.kind === KINDS.colon;
  if (isKey && startsValue(next) && next?.kind !== KINDS.string) return null;
  if (next?.kind === KINDS.colon && (!isKey || touched === undefined)) return null;
  if (closes(next, typeof path.at(-1) === 'string' ? KINDS.closeBracket : KINDS.closeBrace)) return null;
  // The value that belongs to this key.
  if (!isKey && typeof path.at(-1) === 'string' && startsValue(next) && !nextIsKey) return null;
  return {
    ...{ path: isKey ? path.slice(0, -1) : path, isKey, start, end },
    replaced: touched?.kind === KINDS.string ? touched.value : null,
    commaBefore: state === 'after' ? (before.at(-1)?.end ?? null) : null,
    commaBehind: path.length > 0 && startsValue(next),
    hasValue: isKey && next?.kind === KINDS.colon,
  };
}

const closes = (token: Token | undefined, kind: number): boolean => token?.kind === kind;
const isComment = ({ kind }: Token): boolean => kind === KINDS.lineComment || kind === KINDS.blockComment;
const isWord = ({ kind }: Token): boolean =>
  (kind >= KINDS.null && kind <= KINDS.number) || kind === KINDS.unknown;
const startsValue = (token: Token | undefined): boolean =>
  token !== undefined &&
  (isWord(token) || token.kind === KINDS.openBrace || token.kind === KINDS.openBracket);

/** Behind a line's comment one still types into it, and so behind one that is not closed. */
function isWithin({ kind, start, end }: Token, offset: number, text: string): boolean {
  const isOpen = kind === KINDS.lineComment || !text.slice(start + 2, end).endsWith('*/');
  return start < offset && (offset < end || (isOpen && offset === end));
}

function tokensOf(text: string): readonly Token[] {
  const scanner = createScanner(text.replace(/^\uFEFF/, ' '));
  const tokens: Token[] = [];
  for (let kind: number = scanner.scan(); kind !== KINDS.end; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    const [end, value] = [start + scanner.getTokenLength(), scanner.getTokenValue()];
    const error: number = scanner.getTokenError();
    const isOpen = kind === KINDS.string && error === UNEXPECTED_END;
    const token = { kind, start, end, value, isOpen };
    if (kind <= KINDS.blockComment || kind === KINDS.unknown) tokens.push(token);
  }
  return tokens;
}

interface Level {
  readonly isObject: boolean;
  /** The key whose value is next or was last; the index of an item. */
  key: string | number;
  /** What comes next: a key, the colon behind it, a value, or a comma. */
  state: 'key' | 'colon' | 'value' | 'after';
}

/** Where one is behind tokens; null where they are so broken that it cannot be said. */
function placeBehind(
  tokens: readonly Token[],
): { readonly path: LensPath; readonly state: Level['state'] } | null {
  const whole: Level = { isObject: false, key: 0, state: 'value' };
  const levels: Level[] = [];
  for (const { kind, value, isOpen } of tokens) {
    // A parser then skips what comes next.
    if (isOpen || kind === KINDS.unknown) return null;
    const level = levels.at(-1) ?? whole;
    const isOpening = kind === KINDS.openBrace || kind === KINDS.openBracket;
    if (kind === KINDS.closeBrace || kind === KINDS.closeBracket) {
      if (level === whole || level.isObject !== (kind === KINDS.closeBrace)) return null;
      levels.pop();
      (levels.at(-1) ?? whole).state = 'after';
    } else if (kind === KINDS.comma || kind === KINDS.colon) {
      if (level === whole || !separate(level, kind)) return null;
    } else if (level.isObject && level.state !== 'value') {
      // A key, perhaps behind a value without a comma.
      if (kind !== KINDS.string || level.state === 'colon') return null;
      level.key = value;
      level.state = 'colon';
    } else {
      if (level === whole && level.state === 'after') return null;
      if (level.state === 'after') separate(level, KINDS.comma);
      if (!isOpening) level.state = 'after';
      else if (kind === KINDS.openBrace) levels.push({ isObject: true, key: '', state: 'key' });
      else levels.push({ isObject: false, key: 0, state: 'value' });
    }
  }
  const { state } = levels.at(-1) ?? whole;
  return { path: levels.map(({ key }) => key), state };
}

/** A comma or a colon; of doubled commas the second separates nothing. False where none can be. */
function separate(level: Level, kind: number): boolean {
  if (kind === KINDS.colon) {
    const isBehindKey = level.state === 'colon';
    level.state = 'value';
    return isBehindKey;
  }
  if (typeof level.key === 'number' && level.state === 'after') level.key += 1;
  level.state = level.isObject ? 'key' : 'value';
  return true;
}
