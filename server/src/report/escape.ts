/** Text from files and models made harmless inside Markdown and the HTML that Markdown allows. */
import { isPlain, UNSEEN } from '../printable';

/**
 * Inline text that shows exactly the characters given: no markup, no HTML, no links, no formulas, no table cells, no
 * line breaks. Invisible characters are shown by their number. An underscore between letters or digits is left alone,
 * as CommonMark leaves it.
 */
export function escapeInline(text: string): string {
  if (isPlain(text)) return withoutMarkup(text).replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_');
  const seen = text
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(
      UNSEEN,
      (c) => `\uFFFD(U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`,
    );
  return withoutMarkup(seen).replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_');
}

const withoutMarkup = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*[\]|~$!@]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\\.`);

/** As `escapeInline`, for text at the start of a line, where `#`, `-` or `1.` would begin a heading or a list. */
export function escapeLineStart(text: string): string {
  return escapeInline(text)
    .replace(/^[#+=-]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

/** A relative path as the target of a link or picture. */
export function linkTarget(path: string): string {
  return path
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[()'!*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}
