/** What stands on one line of YAML: a scalar, or lists and mappings in brackets. */

export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMap;
export interface YamlMap {
  readonly [key: string]: YamlValue;
}

/** Not of the part of YAML that is read. */
export class NotRead extends Error {}

/** Brackets within each other. */
const MOST_DEPTH = 16;

/** @throws NotRead */
export function readFlow(text: string): YamlValue {
  if (!/^[[{]/.test(text)) return unquoted(text);
  const reader = new Flow(text);
  const value = reader.value(0);
  if (!reader.atEnd()) throw new NotRead();
  return value;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

class Flow {
  private at = 0;

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.space() === '';
  }

  value(depth: number): YamlValue {
    if (depth > MOST_DEPTH) throw new NotRead();
    const first = this.space();
    if (first === '[') return this.items(first, () => this.value(depth + 1));
    if (first === '{') return Object.fromEntries(this.items(first, () => this.entry(depth)));
    return unquoted(this.scalar(/(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^,[\]{}]+)/y));
  }

  private entry(depth: number): readonly [string, YamlValue] {
    this.space();
    const key = this.scalar(/(?:"[^"]*"|'[^']*'|[^,:[\]{}"']+)(?=\s*:(?:\s|$))/y);
    this.space();
    this.at += 1; // the colon
    const next = this.space();
    return [withoutQuotes(key) ?? key, next === ',' || next === '}' ? null : this.value(depth + 1)];
  }

  private items<T>(open: string, read: () => T): readonly T[] {
    const found: T[] = [];
    this.at += 1;
    while (this.space() !== CLOSING[open]) {
      found.push(read());
      const next = this.space();
      if (next === ',') this.at += 1;
      else if (next !== CLOSING[open]) throw new NotRead();
    }
    this.at += 1;
    return found;
  }

  /** @param pattern sticky */
  private scalar(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found === undefined) throw new NotRead();
    this.at += found.length;
    return found.trim();
  }

  /** The character behind what is blank; empty at the end. */
  private space(): string {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
    return this.text[this.at] ?? '';
  }
}

function unquoted(text: string): YamlValue {
  const quoted = withoutQuotes(text);
  if (quoted !== null) return quoted;
  if (/^[&*!|>{%@`]/.test(text)) throw new NotRead();
  if (/^(?:null|~|)$/i.test(text)) return null;
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text);
  return isNumber ? Number(text) : text;
}

/** Null where the text is not in quotes. */
function withoutQuotes(text: string): string | null {
  const [first = ''] = text;
  if (first !== "'" && first !== '"') return null;
  if (text.length < 2 || !text.endsWith(first)) throw new NotRead();
  const inner = text.slice(1, -1);
  return first === "'" ? inner.replace(/''/g, "'") : inner.replace(ESCAPE, escaped);
}

/** Writers escape what is not ASCII: `"\u732B"`. */
const ESCAPE = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gi;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function escaped(_: string, ...[x, u, long, letter]: readonly (string | undefined)[]): string {
  if (letter !== undefined) return LETTERS[letter] ?? letter;
  const code = parseInt(x ?? u ?? long ?? '', 16);
  if (!(code <= 0x10ffff)) throw new NotRead();
  return String.fromCodePoint(code);
}
