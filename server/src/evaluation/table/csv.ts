/** Rows as CSV (RFC 4180, UTF-8): text is always quoted, and no cell can be taken for a formula. */
import type { Row } from '../row';
import type { Cell, Column } from './columns';

/** Beginnings that spreadsheets take for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

export const csvHeader = (columns: readonly Column[]): string =>
  `${columns.map(({ name }) => quoted(guarded(name))).join(',')}\n`;

export const csvLine = (row: Row, columns: readonly Column[]): string =>
  `${columns.map((column) => cell(column.of(row), column.type)).join(',')}\n`;

function cell(value: Cell, type: Column['type']): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return quoted(JSON.stringify(value.map(numberOrText)));
  return quoted(type === 'path' ? guardedPath(value) : guarded(value));
}

const numberOrText = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** `./=x.png` is the same file as `=x.png`, and no formula. */
const guardedPath = (path: string): string => (FORMULA.test(path) ? `./${path}` : path);

/** Prefixes an apostrophe, also to texts that begin with one: removing the first one restores every text. */
const guarded = (text: string): string => (FORMULA.test(text) || text.startsWith("'") ? `'${text}` : text);

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
