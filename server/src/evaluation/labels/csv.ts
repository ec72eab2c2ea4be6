/** Records of a CSV file, one after another: RFC 4180, with the separator of its first line. */
import { createReadStream } from 'node:fs';
import { LensError } from '../../errors';

/** Most characters of a record, longer than any path with its label. */
const MOST_CHARACTERS = 1_000_000;

/**
 * @param separator null for whichever of tab, semicolon and comma is most frequent in the first line
 * @throws LensError of kind `usage` for a quote that is never closed, or a record that is too long
 */
export async function* csvRecords(
  path: string,
  separator: string | null = null,
): AsyncGenerator<readonly string[], void, undefined> {
  const reader = new CsvReader(path, separator);
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>)
    yield* reader.take(chunk);
  yield* reader.end();
}

/** Reads characters one by one, across the borders of chunks. */
class CsvReader {
  private record: string[] = [];
  private field = '';
  private quoted = false;
  /** A quote within quotes was read: the next character tells whether it is part of the text. */
  private closing = false;
  private line = 1;
  private isFirst = true;
  /** The unread part of the first line, while its separator is not yet known. */
  private head = '';

  constructor(
    private readonly path: string,
    private separator: string | null,
  ) {}

  *take(chunk: string): Generator<readonly string[], void, undefined> {
    let text = chunk;
    if (this.separator === null) {
      this.head += text;
      this.requireShort(this.head.length);
      const end = this.head.search(/[\r\n]/);
      if (end < 0) return;
      this.separator = separatorOf(this.head.slice(0, end));
      [text, this.head] = [this.head, ''];
    }
    if (this.isFirst) text = text.replace(/^\ufeff/, '');
    this.isFirst = false;
    for (const character of text) yield* this.read(character);
  }

  *end(): Generator<readonly string[], void, undefined> {
    if (this.head !== '') {
      this.separator = separatorOf(this.head);
      const text = this.head;
      this.head = '';
      yield* this.take(text);
    }
    if (this.quoted && !this.closing) throw this.wrong('a quote that is never closed');
    if (this.field !== '' || this.record.length > 0) yield this.ended();
  }

  private *read(character: string): Generator<readonly string[], void, undefined> {
    if (character === '\n') this.line += 1;
    if (this.quoted && !this.closing) {
      if (character === '"') this.closing = true;
      else this.add(character);
      return;
    }
    if (this.closing && character === '"') {
      this.closing = false;
      this.add('"');
      return;
    }
    if (this.closing) this.quoted = this.closing = false;
    if (character === '"' && this.field === '') this.quoted = true;
    else if (character === this.separator) this.next();
    else if (character === '\n') {
      const record = this.ended();
      if (record.length > 1 || record[0] !== '') yield record;
    } else if (character !== '\r') this.add(character);
  }

  private add(character: string): void {
    this.field += character;
    this.requireShort(this.field.length);
  }

  private next(): void {
    this.record.push(this.field);
    this.field = '';
    this.requireShort(this.record.length);
  }

  private ended(): readonly string[] {
    this.next();
    const { record } = this;
    this.record = [];
    this.quoted = this.closing = false;
    return record;
  }

  private requireShort(length: number): void {
    if (length > MOST_CHARACTERS) throw this.wrong(`more than ${MOST_CHARACTERS} characters or fields`);
  }

  private wrong(found: string): LensError {
    return new LensError(
      'usage',
      `${this.path}: expected a CSV table, found ${found} near line ${this.line}.`,
      {
        fix: 'Write it again with a program that quotes fields as RFC 4180 says.',
      },
    );
  }
}

function separatorOf(line: string): string {
  const count = (separator: string): number => line.split(separator).length;
  return ['\t', ';', ','].reduce((best, each) => (count(each) > count(best) ? each : best), ',');
}
