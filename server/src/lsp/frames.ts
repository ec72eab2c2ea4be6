/**
 * Checks standard input before the library sees it: the library silently skips a broken header or body and
 * then waits forever. Complete messages are passed on unchanged; anything else is answered with an error, and
 * reading resumes after it. Specification: Language Server Protocol 3.17, base protocol; JSON-RPC 2.0,
 * section 5.1.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { jsonExcess } from '../../../protocol/json-bounds';

/** Why bytes are no message. */
export interface BrokenMessage {
  /** JSON-RPC's: -32700 for what cannot be read, -32600 for JSON that is not a message. */
  readonly code: -32700 | -32600;
  readonly message: string;
  /** Of the request, where that much can be read. */
  readonly id: string | number | null;
}

/** Bytes of one message: an editor sends paths and settings, and no documents. */
const MOST_BYTES = 64 << 20;
/** Most bytes of a header. */
const MOST_HEADER = 8 << 10;
/** What recursive code can handle; JSON.parse alone accepts any depth. */
const BOUNDS = { depth: 200, values: 2_000_000, text: MOST_BYTES };

const HEADER_END = '\r\n\r\n';
const LENGTH = /content-length[ \t]*:/i;
/** Bytes to keep that may be the beginning of a header that is still incomplete. */
const KEPT = 'Content-Length:'.length;

export class MessageFilter extends Transform {
  private rest: Buffer = Buffer.alloc(0);
  /** Of the body under way; null between messages. */
  private length: number | null = null;
  /** The last bytes were not part of a message, and have been reported. */
  private lost = false;

  /** @param broken called for everything that is skipped */
  constructor(private readonly broken: (what: BrokenMessage) => void) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.length === null ? this.takeHeader() : this.takeBody(this.length));
    done();
  }

  /** @returns whether there may be more */
  private takeHeader(): boolean {
    const end = this.rest.indexOf(HEADER_END);
    if (end < 0) {
      if (this.rest.length > MOST_HEADER) {
        this.loseTrack(`expected a header of at most ${MOST_HEADER} bytes, found none that ends`);
        this.rest = this.rest.subarray(-KEPT);
      }
      return false;
    }
    const header = this.rest.subarray(0, end).toString('latin1');
    this.rest = this.rest.subarray(end + HEADER_END.length);
    const at = header.search(LENGTH);
    const fields = at < 0 ? header : header.slice(at);
    // Other fields may precede it, or the rest of something broken.
    const before = at < 0 ? '' : header.slice(0, at);
    if (before !== '' && !/^(?:[\w-]+[ \t]*:[^\r\n]*\r\n)+$/.test(before))
      this.loseTrack('expected a header, found other bytes before it');
    const value = /^[^:]*:[ \t]*([^\r\n]*)/.exec(fields)?.[1]?.trim();
    if (at < 0 || value === undefined)
      this.loseTrack('expected a header with a Content-Length, found one without');
    else if (!/^\d{1,15}$/.test(value))
      this.loseTrack(`expected a Content-Length in digits, found ${JSON.stringify(value.slice(0, 40))}`);
    else if (Number(value) > MOST_BYTES)
      this.loseTrack(`expected a Content-Length of at most ${MOST_BYTES}, found ${value}`);
    else {
      this.length = Number(value);
      this.lost = false;
    }
    return true;
  }

  private takeBody(length: number): boolean {
    if (this.rest.length < length) return false;
    const body = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    this.length = null;
    const wrong = problemOf(body);
    if (wrong === null)
      this.push(Buffer.concat([Buffer.from(`Content-Length: ${length}${HEADER_END}`), body]));
    else this.broken(wrong);
    return true;
  }

  /** Reports everything that is skipped as one fault. */
  private loseTrack(message: string): void {
    if (!this.lost) this.broken({ code: -32700, message, id: null });
    this.lost = true;
  }
}

function problemOf(body: Buffer): BrokenMessage | null {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const excess = jsonExcess(text, BOUNDS);
    if (excess !== null)
      return { code: -32600, message: `expected a message, found JSON with ${excess}`, id: null };
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { code: -32700, message: `expected JSON, but ${reason}`, id: null };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { code: -32600, message: 'expected a message object, found other JSON', id: null };
  const { id, method } = value as { readonly id?: unknown; readonly method?: unknown };
  if (typeof method === 'string' || 'result' in value || 'error' in value) return null;
  return {
    code: -32600,
    message: 'expected a message with a method, a result or an error',
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
  };
}
