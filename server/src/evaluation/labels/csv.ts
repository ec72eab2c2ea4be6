/** Records of a CSV file, one after another: RFC 4180, with the separator of its first line. */
import { LensError } from '../../errors';
import { MOST_LINE, textOf } from './text';

export interface CsvRecord {
  readonly fields: readonly string[];
  /** On which it begins, from 1: quoted fields may hold several. */
  readonly line: number;
}

/**
 * @param separator null for what the first line says (`sep=;`, as spreadsheets write it), or whichever of tab, semicolon and comma is most frequent there
 * @throws LensError of kind `usage` for text that is no UTF-8, quotes that do not enclose a field, or a record that is too long
 */
export async function* csvRecords(
  path: string,
  separator: string | null = null,
): AsyncGenerator<CsvRecord, void, undefined> {
  const reader = new CsvReader(path, separator);
  for await (const chunk of textOf(path)) yield* reader.take(chunk);
  yield* reader.end();
}

/** Where the reader is within a record. */
type State = 'plain' | 'quoted' | 'closing';

/** Reads across the borders of chunks, field by field. */
class CsvReader {
  private fields: string[] = [];
  private field = '';
  /** `closing`: a quote within quotes was read, and the next character tells whether it is part of the text. */
  private state: State = 'plain';
  private hasQuotes = false;
  private line = 1;
  private startLine = 1;
  /** The last character was a carriage return, which ended a line by itself or with the newline behind it. */
  private returned = false;
  /** The unread part of the first line, while its separator is not yet known. */
  private head = '';
  private special = /["\r\n]/g;

  constructor(
    private readonly path: string,
    private separator: string | null,
  ) {
    if (separator !== null) this.use(separator);
  }

  *take(chunk: string): Generator<CsvRecord, void, undefined> {
    let text = chunk;
    if (this.separator === null) {
      this.head += text;
      this.requireShort(this.head.length);
      const end = this.head.search(/[\r\n]/);
      if (end < 0) return;
      text = this.begin(end);
    }
    yield* this.read(text);
  }

  *end(): Generator<CsvRecord, void, undefined> {
    if (this.head !== '') yield* this.read(this.begin(this.head.length));
    if (this.state === 'quoted') throw this.wrong(this.startLine, 'a quote that is never closed');
    yield* this.ended();
  }

  /** The separator is known. @param end of the first line @returns what is to be read */
  private begin(end: number): string {
    const first = this.head.slice(0, end);
    const [whole = '', declared] = /^sep=([,;\t|])$/i.exec(first) ?? [];
    this.use(declared ?? separatorOf(first));
    const text = this.head.slice(whole.length);
    this.head = '';
    return text;
  }

  private use(separator: string): void {
    this.separator = separator;
    this.special = new RegExp(`["\\r\\n${separator === '\t' ? '\\t' : `\\${separator}`}]`, 'g');
  }

  private *read(text: string): Generator<CsvRecord, void, undefined> {
    for (let at = 0; at < text.length;) {
      const next = this.nextSpecial(text, at);
      if (next > at) this.add(text.slice(at, next));
      at = next + 1;
      if (next < text.length) yield* this.mark(text[next] as string);
    }
  }

  /** Within quotes only quotes and, for their count, newlines mean anything. */
  private nextSpecial(text: string, from: number): number {
    const { special } = this;
    special.lastIndex = from;
    const found = special.exec(text);
    return found === null ? text.length : found.index;
  }

  private *mark(character: string): Generator<CsvRecord, void, undefined> {
    const isSecond = character === '\n' && this.returned;
    this.returned = character === '\r';
    if (this.state === 'quoted') {
      if (character === '\n') this.line += 1;
      if (character === '"') this.state = 'closing';
      else this.append(character);
      return;
    }
    if (character === '"') {
      this.quote();
      return;
    }
    if (this.state === 'closing') this.state = 'plain';
    if (character === this.separator) {
      this.next();
      return;
    }
    if (!isSecond) yield* this.ended();
    if (!isSecond) this.line += 1;
    this.startLine = this.line;
  }

  private quote(): void {
    if (this.state === 'closing') {
      this.state = 'quoted';
      this.append('"');
    } else if (this.field === '' && !this.hasQuotes) {
      this.state = 'quoted';
      this.hasQuotes = true;
    } else if (this.hasQuotes) throw this.wrong(this.line, 'a quote behind a quoted field');
    else this.append('"');
  }

  private add(text: string): void {
    this.returned = false;
    if (this.state === 'closing' || (this.state === 'plain' && this.hasQuotes)) {
      if (text.trim() !== '') throw this.wrong(this.line, 'text behind a quoted field');
      this.state = 'plain';
      return;
    }
    this.append(text);
  }

  private append(text: string): void {
    this.field += text;
    this.requireShort(this.field.length);
  }

  private next(): void {
    this.fields.push(this.field);
    this.field = '';
    this.hasQuotes = false;
    this.requireShort(this.fields.length);
  }

  /** Empty lines are not records. */
  private *ended(): Generator<CsvRecord, void, undefined> {
    const isEmpty = this.fields.length === 0 && this.field === '';
    this.next();
    const { fields } = this;
    this.fields = [];
    this.state = 'plain';
    if (!isEmpty) yield { fields, line: this.startLine };
  }

  private requireShort(length: number): void {
    if (length > MOST_LINE) throw this.wrong(this.startLine, `more than ${MOST_LINE} characters or fields`);
  }

  private wrong(line: number, found: string): LensError {
    return new LensError('usage', `${this.path}:${line}: expected a CSV record, found ${found}.`, {
      fix: 'Put fields that hold a quote or the separator into quotes, and write quotes within them twice.',
    });
  }
}

function separatorOf(line: string): string {
  const count = (separator: string): number => line.split(separator).length;
  return ['\t', ';', ','].reduce((best, each) => (count(each) > count(best) ? each : best), ',');
}
