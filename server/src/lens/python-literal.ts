/** Python's literals as `str()` writes them, which Ultralytics puts into metadata: dicts, lists, tuples, strings, numbers. Nothing is run. */

export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | ReadonlyMap<string | number, PythonValue>;

/** Brackets within each other. */
const MOST_DEPTH = 16;

/** Undefined where the text is not a literal. */
export function pythonLiteral(text: string): PythonValue | undefined {
  const reader = new Reader(text);
  try {
    const value = reader.value(0);
    reader.skip();
    return reader.atEnd() ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NoLiteral) return undefined;
    throw thrown;
  }
}

class NoLiteral extends Error {}

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  atEnd = (): boolean => this.at >= this.text.length;

  skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  value(depth: number): PythonValue {
    if (depth > MOST_DEPTH) throw new NoLiteral();
    this.skip();
    const first = this.text[this.at] ?? '';
    if (first === '"' || first === "'") return this.string(first);
    if (first === '{') return this.dict(depth);
    if (first === '[' || first === '(') return this.items(CLOSING[first] ?? '', () => this.value(depth + 1));
    return this.word();
  }

  private dict(depth: number): PythonValue {
    const entries = this.items('}', () => {
      const key = this.value(depth + 1);
      this.skip();
      if (this.text[this.at] !== ':' || (typeof key !== 'string' && typeof key !== 'number'))
        throw new NoLiteral();
      this.at += 1;
      return [key, this.value(depth + 1)] as const;
    });
    return new Map(entries);
  }

  private items<T>(closing: string, read: () => T): readonly T[] {
    this.at += 1;
    const found: T[] = [];
    for (;;) {
      this.skip();
      if (this.text[this.at] === closing) {
        this.at += 1;
        return found;
      }
      found.push(read());
      this.skip();
      if (this.text[this.at] === ',') this.at += 1;
      else if (this.text[this.at] !== closing) throw new NoLiteral();
    }
  }

  private string(quote: string): string {
    let value = '';
    for (this.at += 1; this.text[this.at] !== quote;) {
      if (this.atEnd()) throw new NoLiteral();
      value += this.text[this.at] === '\\' ? this.escape() : (this.text[this.at++] ?? '');
    }
    this.at += 1;
    return value;
  }

  private escape(): string {
    const [, letter = ''] = this.text.slice(this.at, this.at + 2);
    const digits = /^\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8}))/i.exec(
      this.text.slice(this.at, this.at + 10),
    );
    if (digits !== null) {
      this.at += digits[0].length;
      const code = parseInt(digits[1] ?? digits[2] ?? digits[3] ?? '', 16);
      if (code > 0x10ffff) throw new NoLiteral();
      return String.fromCodePoint(code);
    }
    const escaped = ESCAPES[letter];
    if (escaped === undefined) throw new NoLiteral();
    this.at += 2;
    return escaped;
  }

  private word(): PythonValue {
    const [word = ''] = /^[-+\w.]{1,64}/.exec(this.text.slice(this.at, this.at + 65)) ?? [];
    this.at += word.length;
    const known = WORDS.get(word);
    if (known !== undefined) return known;
    const number = /^[-+]?[\d.]+(?:e[-+]?\d+)?$/i.test(word) ? Number(word) : NaN;
    if (!Number.isFinite(number)) throw new NoLiteral();
    return number;
  }
}
