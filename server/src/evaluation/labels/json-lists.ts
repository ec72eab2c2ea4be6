/** The lists of one large JSON object, element by element: a file of gigabytes takes the memory of its longest element. */
import { textOf } from './text';

/** Most characters of an element, or of a value beside the lists: an uncompressed mask of a large picture has a few million. */
const MOST_CHARACTERS = 2 ** 26;

export interface ListElement {
  /** The key of its list. */
  readonly list: string;
  readonly value: unknown;
}

/** The text is no JSON object, or one that no program should hold. */
export class NotAnObject extends Error {
  constructor(
    readonly line: number,
    /** What follows "found". */
    readonly found: string,
  ) {
    super(`line ${line}: ${found}`);
  }
}

/**
 * The elements of all lists that are values of the object, in the order of the file; the key of each list where it begins.
 * @throws NotAnObject; LensError as `textOf`
 */
export async function* listElements(
  path: string,
): AsyncGenerator<ListElement | { readonly begins: string }, void, undefined> {
  const reader = new ListReader();
  for await (const chunk of textOf(path)) yield* reader.take(chunk);
  reader.end();
}

/**
 * Where the reader is: before the object, in a key, in a value that is not a list, within a list between its elements, behind a list, or behind
 * the object.
 */
type Stage = 'before' | 'key' | 'value' | 'list' | 'listed' | 'after';

/** Commas and colons mean something only between brackets that are followed: elements hold millions of them. */
const OUTSIDE = /["{}[\],:\n]/g;
const INSIDE = /["{}[\]\n]/g;
const QUOTED = /["\\\n]/g;

class ListReader {
  private stage: Stage = 'before';
  private readonly keys = new Set<string>();
  private key = '';
  /** Unread text of the present key, value or element. */
  private piece = '';
  /** Brackets within the piece. */
  private depth = 0;
  private quoted = false;
  /** The next character belongs to a backslash. */
  private escaped = false;
  private isFirst = true;
  private line = 1;
  /** On which the piece begins. */
  private begins = 1;

  *take(text: string): Generator<ListElement | { readonly begins: string }, void, undefined> {
    let from = 0;
    for (let at = 0; at < text.length;) {
      if (this.escaped) {
        this.escaped = false;
        at += 1;
        continue;
      }
      const marks = this.quoted ? QUOTED : this.depth > 0 ? INSIDE : OUTSIDE;
      marks.lastIndex = at;
      const found = marks.exec(text);
      if (found === null) break;
      at = found.index + 1;
      const [mark] = found;
      if (this.inside(mark)) continue;
      this.add(text.slice(from, found.index));
      yield* this.boundary(mark);
      from = at;
    }
    this.add(text.slice(from));
  }

  end(): void {
    if (this.stage !== 'after')
      throw this.wrong('text that ends within the object', this.stage === 'before' ? 1 : this.line);
    this.requireBlank();
  }

  /** Whether the mark is part of the piece. */
  private inside(mark: string): boolean {
    if (mark === '\n') this.line += 1;
    else if (this.quoted) {
      if (mark === '\\') this.escaped = true;
      else this.quoted = false;
    } else if (mark === '"') this.quoted = true;
    else if (this.depth > 0) this.depth += mark === '{' || mark === '[' ? 1 : -1;
    else if (this.opensPiece(mark)) this.depth = 1;
    else return false;
    return true;
  }

  /** A bracket within a key, value or element; that which begins the object or a list is a boundary. */
  private opensPiece(mark: string): boolean {
    if (mark !== '{' && mark !== '[') return false;
    return this.stage === 'list' || (this.stage === 'value' && mark === '{');
  }

  private *boundary(mark: string): Generator<ListElement | { readonly begins: string }, void, undefined> {
    const at = `${this.stage} ${mark}`;
    switch (at) {
      case 'before {':
        this.requireBlank();
        this.go('key');
        return;
      case 'key :':
        this.nameKey();
        this.go('value');
        return;
      case 'key }':
        if (this.keys.size > 0) throw this.wrong('text that is not JSON (a comma before })');
        this.requireBlank();
        this.go('after');
        return;
      case 'value [':
        this.requireBlank();
        this.isFirst = true;
        yield { begins: this.key };
        this.go('list');
        return;
      case 'value ,':
      case 'value }':
        this.parsed();
        this.go(mark === ',' ? 'key' : 'after');
        return;
      case 'list ,':
      case 'list ]':
        if (!(mark === ']' && this.isFirst && this.piece.trim() === ''))
          yield { list: this.key, value: this.parsed() };
        this.isFirst = false;
        this.go(mark === ',' ? 'list' : 'listed');
        return;
      case 'listed ,':
      case 'listed }':
        this.requireBlank();
        this.go(mark === ',' ? 'key' : 'after');
        return;
      default:
        throw this.wrong(
          this.stage === 'before' ? 'text that is not a JSON object' : `text that is not JSON (${mark})`,
        );
    }
  }

  private go(stage: Stage): void {
    this.stage = stage;
    this.piece = '';
    this.begins = this.line;
  }

  private nameKey(): void {
    const key = this.parsed();
    if (typeof key !== 'string') throw this.wrong('text that is not JSON (a key without quotes)');
    if (this.keys.has(key)) throw this.wrong(`${JSON.stringify(key).slice(0, 80)} twice`);
    this.keys.add(key);
    this.key = key;
  }

  private add(text: string): void {
    this.piece += text;
    if (this.piece.length > MOST_CHARACTERS)
      throw this.wrong(`more than ${MOST_CHARACTERS} characters in one entry`);
  }

  private requireBlank(): void {
    if (this.piece.trim() !== '')
      throw this.wrong(
        this.stage === 'before'
          ? 'text that is not a JSON object'
          : 'text that is not JSON (text between values)',
      );
  }

  private parsed(): unknown {
    try {
      return JSON.parse(this.piece) as unknown;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const [, position] = /position (\d+)/.exec(reason) ?? [];
      const line =
        position === undefined
          ? this.line
          : this.begins + this.piece.slice(0, Number(position)).split('\n').length - 1;
      throw this.wrong(`text that is not JSON (${reason.replace(/\s+/g, ' ').slice(0, 200)})`, line);
    }
  }

  private wrong(found: string, line = this.line): NotAnObject {
    return new NotAnObject(line, found);
  }
}
