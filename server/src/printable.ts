/**
 * Makes text from files, models and runtimes harmless for terminals and logs. Whatever is written to one goes
 * through here when it is written; everywhere else names stay as they are.
 */

/**
 * Characters that control a terminal or that are invisible: controls (Cc), formats such as marks of direction
 * and zero-width joiners (Cf), line and paragraph separators (Zl, Zp), half surrogate pairs (Cs), and what
 * Unicode says to draw as nothing (fillers, selectors, tags).
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Printable ASCII of one line holds none of these: most texts are, and the classes above take V8 milliseconds to compile. */
export const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** Text of several lines: all but its line breaks is shown. */
export const printable = (text: string): string =>
  /^[\x20-\x7e\n]*$/.test(text)
    ? text
    : text.replace(UNSEEN, (character) => (character === '\n' ? character : escaped(character)));

/** A name, a message: it may hold line breaks, but must not make lines. */
export const oneLine = (text: string): string => (isPlain(text) ? text : text.replace(UNSEEN, escaped));

/** Harmless JSON: the same value, with invisible characters escaped. */
export function printableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (isPlain(json)) return json;
  return json.replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

/** An error's stack: its message on one line, then the frames. */
export function printableStack({ message, stack }: Error): string {
  if (stack === undefined) return oneLine(message);
  const at = message === '' ? -1 : stack.indexOf(message);
  if (at < 0) return printable(stack);
  return oneLine(stack.slice(0, at + message.length)) + printable(stack.slice(at + message.length));
}

/** As C and JavaScript would write it. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
