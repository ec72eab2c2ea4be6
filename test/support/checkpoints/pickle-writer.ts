/** Assembles pickles opcode by opcode: `pickle(2, p.global('os', 'system'), ...)`. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';

const u8 = (value: number): Buffer => Buffer.from([value]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

const join = (...parts: readonly (number | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? u8(part) : part)));

const line = (text: string): Buffer => Buffer.from(`${text}\n`);

/** Little-endian two's complement in as few bytes as it takes. */
function long(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0xffn));
    rest >>= 8n;
  } while (
    !((rest === 0n && bytes[bytes.length - 1]! < 128) || (rest === -1n && bytes[bytes.length - 1]! >= 128))
  );
  return join(op.LONG1, bytes.length, Buffer.from(bytes));
}

export const p = {
  op: u8,
  u32,
  u64,
  line,
  join,
  mark: u8(op.MARK),
  none: u8(op.NONE),
  emptyDict: u8(op.EMPTY_DICT),
  emptyList: u8(op.EMPTY_LIST),
  emptyTuple: u8(op.EMPTY_TUPLE),
  setItem: u8(op.SETITEM),
  setItems: u8(op.SETITEMS),
  append: u8(op.APPEND),
  reduce: u8(op.REDUCE),
  newObj: u8(op.NEWOBJ),
  build: u8(op.BUILD),
  stop: u8(op.STOP),
  int: (value: number): Buffer => {
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) return long(BigInt(value));
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return join(op.BININT, bytes);
  },
  long,
  float: (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return join(op.BINFLOAT, bytes);
  },
  text: (value: string): Buffer => {
    const bytes = Buffer.from(value);
    return join(op.BINUNICODE, u32(bytes.length), bytes);
  },
  global: (module: string, name: string): Buffer => join(op.GLOBAL, line(module), line(name)),
  stackGlobal: (module: string, name: string): Buffer => join(p.text(module), p.text(name), op.STACK_GLOBAL),
  inst: (module: string, name: string): Buffer => join(op.INST, line(module), line(name)),
  tuple: (...items: readonly Buffer[]): Buffer => join(op.MARK, ...items, op.TUPLE),
  list: (...items: readonly Buffer[]): Buffer => join(op.EMPTY_LIST, op.MARK, ...items, op.APPENDS),
  dict: (...pairs: readonly (readonly [Buffer, Buffer])[]): Buffer =>
    join(op.EMPTY_DICT, op.MARK, ...pairs.flat(), op.SETITEMS),
  put: (index: number): Buffer => join(op.LONG_BINPUT, u32(index)),
  get: (index: number): Buffer => join(op.LONG_BINGET, u32(index)),
  persistent: (id: Buffer): Buffer => join(id, op.BINPERSID),
};

/** A complete pickle of the protocol. */
export function pickle(protocol: number, ...parts: readonly Buffer[]): Buffer {
  return join(op.PROTO, protocol, ...parts, op.STOP);
}
