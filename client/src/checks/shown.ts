/** What the answers about test files mean in an editor: places, and words for a message. Knows nothing of the editor, which counts from 0. */
import type { CheckOutcome, ListedExpectation, TextPlace } from '../../../protocol/checks';

export interface Span {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export const spanOf = ({ line, column, endLine, endColumn }: TextPlace): Span => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: endLine - 1, character: endColumn - 1 },
});

/** An end that is behind every line's. */
const LINE_END = 100_000;

/** To underline: of what goes over several lines the first. */
export const firstLine = ({ start, end }: Span): Span =>
  start.line === end.line ? { start, end } : { start, end: { line: start.line, character: LINE_END } };

/** A place of which only the beginning is known, to the end of its line. */
export const lineFrom = ({ line, column }: Pick<TextPlace, 'line' | 'column'>): Span => ({
  start: { line: line - 1, character: column - 1 },
  end: { line: line - 1, character: LINE_END },
});

/** The place in a file that an error names at its beginning, and the rest of its sentence; null of errors about something else. */
export function placed(
  message: string,
  file: string,
): { readonly line: number; readonly column: number; readonly text: string } | null {
  if (!message.startsWith(`${file}:`)) return null;
  const [all, line = '', column = ''] = /^:(\d+):(\d+): /.exec(message.slice(file.length)) ?? [];
  if (all === undefined) return null;
  return { line: Number(line), column: Number(column), text: message.slice(file.length + all.length) };
}

/** The expectation in whose text a place lies: the one that begins last before it. */
export const expectationAt = (
  { line, column }: { readonly line: number; readonly column: number },
  expectations: readonly ListedExpectation[],
): ListedExpectation | null =>
  expectations.findLast(({ place }) => {
    const begins = place.line < line || (place.line === line && place.column <= column);
    return begins && (line < place.endLine || (line === place.endLine && column < place.endColumn));
  }) ?? null;

/** Most pictures that a message names; the answer has a few more. */
const NAMED = 5;

/** What was expected and found, and the first pictures that do not fit, a line each. */
export const messageOf = ({ message, pictures }: CheckOutcome): string =>
  [message, ...pictures.slice(0, NAMED)].join('\n');
