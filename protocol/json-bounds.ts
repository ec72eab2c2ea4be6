/**
 * What a JSON text costs to parse, known before it is parsed: one pass over its characters, no recursion,
 * nothing allocated.
 */

export interface JsonBounds {
  /** Lists and objects inside one another. */
  readonly depth: number;
  /** Values and names, about. */
  readonly values: number;
  /** Characters of one text, escapes counted as written. */
  readonly text: number;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** What exceeds the bounds, as "nesting of more than 32 levels"; null if nothing does. Says nothing of whether it is JSON. */
export function jsonExcess(json: string, { depth, values, text }: JsonBounds): string | null {
  let open = 0;
  let count = 1;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) {
      const end = endOfText(json, i);
      if (end - i - 1 > text) return `a string of more than ${text} characters`;
      i = end;
    } else if (c === OPEN_LIST || c === OPEN_OBJECT) {
      open += 1;
      count += 1;
      if (open > depth) return `nesting of more than ${depth} levels`;
    } else if (c === CLOSE_LIST || c === CLOSE_OBJECT) open -= 1;
    else if (c === COMMA) count += 1;
    if (count > values) return `more than ${values} values`;
  }
  return null;
}

/** Position of the closing quote, or the end of a text that has none. */
function endOfText(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i += 1;
  }
  return json.length;
}
