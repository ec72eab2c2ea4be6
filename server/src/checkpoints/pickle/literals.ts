/** The values that protocol 0 writes as lines of text; null where the line is not one. */
import { narrowed } from './input';
import { pickleLimits } from './limits';
import type { Value } from './values';

/** INT: a decimal, or 00 and 01 for False and True. */
export function parseInt0(line: string): Value {
  if (line === '00') return false;
  if (line === '01') return true;
  return parseLong0(line);
}

/** LONG: a decimal with an optional L. */
export function parseLong0(line: string): number | bigint | null {
  // 2.41 digits to a byte: the same bound as for binary integers.
  if (line.length > 3 * pickleLimits.integerBytes || !/^\s*[+-]?\d+L?\s*$/.test(line)) return null;
  const digits = line.trim().replace(/^\+|L$/g, '');
  return narrowed(BigInt(digits));
}

/** FLOAT: Python's repr. */
export function parseFloat0(line: string): number | null {
  if (line === 'nan') return NaN;
  if (line === 'inf') return Infinity;
  if (line === '-inf') return -Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line) ? Number(line) : null;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** STRING: Python 2's repr of a str, in quotes. */
export function parseString0(line: string): string | null {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || !line.endsWith(quote)) return null;
  return line
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (all, hex: string | undefined, char: string | undefined) =>
      hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : (escapes[char ?? ''] ?? all),
    );
}

/** UNICODE: raw-unicode-escape, where only \uXXXX and \UXXXXXXXX are escapes. */
export function parseUnicode0(line: string): string | null {
  if (/\\U(?!00(0[0-9a-fA-F]|10)[0-9a-fA-F]{4})/.test(line)) return null;
  return line.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short?: string, long?: string) =>
    String.fromCodePoint(parseInt(short ?? long ?? '0', 16)),
  );
}
