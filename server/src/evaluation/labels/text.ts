/** The text of a manifest: UTF-8 and nothing else, piece by piece or line by line, without the mark that Windows programs put in front. */
import { createReadStream } from 'node:fs';
import { LensError } from '../../errors';

/** Most characters of a line, longer than any path with its labels. */
export const MOST_LINE = 1_000_000;

/**
 * @throws LensError of kind `usage` where the file cannot be read, or is other than UTF-8: another encoding would change paths and
 * labels silently
 */
export async function* textOf(path: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // takes the mark away
  let line = 1;
  const decoded = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      const rest = bytes === undefined ? '' : bytes.toString('utf8');
      throw noText(path, line + linesIn(rest.slice(0, Math.max(0, rest.indexOf('\ufffd')))), 'other bytes');
    }
  };
  const file = createReadStream(path) as AsyncIterable<Buffer>;
  let isFirst = true;
  try {
    for await (const bytes of file) {
      if (isFirst && isUtf16(bytes)) throw noText(path, 1, 'UTF-16');
      isFirst = false;
      const text = decoded(bytes);
      const nothing = text.indexOf('\0');
      if (nothing >= 0) throw noText(path, line + linesIn(text.slice(0, nothing)), 'a NUL character');
      line += linesIn(text);
      yield text;
    }
    yield decoded();
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    throw new LensError('usage', `${path} cannot be read: ${String(thrown)}.`, {
      cause: thrown,
      fix: 'Check that it is there, and that you may read it.',
    });
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1;

/** By its mark, or by the zeros between letters. */
const isUtf16 = ([a, b, c, d]: Buffer): boolean =>
  (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0 && c === 0) || (b === 0 && d === 0);

const noText = (path: string, line: number, found: string): LensError =>
  new LensError('usage', `${path}:${line}: expected text in UTF-8, found ${found}.`, {
    fix: 'Save it as UTF-8, which spreadsheets call “CSV UTF-8”.',
  });

/** @throws LensError as `textOf`, and where a line is longer than any path */
export async function* numberedLines(
  path: string,
): AsyncGenerator<{ readonly text: string; readonly line: number }, void, undefined> {
  let [rest, line] = ['', 0];
  for await (const text of textOf(path)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) yield { text: requireShort(path, each, ++line), line };
    requireShort(path, rest, line + 1);
  }
  if (rest !== '') yield { text: rest, line: line + 1 };
}

function requireShort(path: string, text: string, line: number): string {
  if (text.length <= MOST_LINE) return text;
  throw new LensError(
    'usage',
    `${path}:${line}: expected a path and its labels, found more than ${MOST_LINE} characters.`,
    {
      fix: 'Write one line for each picture.',
    },
  );
}
