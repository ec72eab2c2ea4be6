/** Breaks an image file: bits, header fields, ranges, ends; in PNGs also under checksums that are right again. */
import { crc32 } from 'node:zlib';
import type { Random } from '../random';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

type Mutation = (bytes: Buffer, random: Random, samples: readonly Sample[]) => Buffer;

/** What sizes, counts and offsets go wrong at. */
const numbers: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0x8000n, 0xffffn, 10_000n, 0x10000n],
  ...[
    0x7fffffffn,
    0x80000000n,
    0xfffffff0n,
    0xffffffffn,
    1n << 32n,
    (1n << 53n) - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
  ],
];

/** Headers stand at the start, a TIFF's directory often at the end. */
function place(bytes: Buffer, random: Random): number {
  const { length } = bytes;
  const near = Math.min(length, random.pick([16, 64, 256]));
  const from = random.pick([0, 0, 0, length - near]);
  return random.below(4) === 0 ? random.below(length) : from + random.below(near);
}

const flipBits: Mutation = (bytes, random) => {
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = place(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  bytes[place(bytes, random)] = random.pick([0, 1, 2, 8, 16, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
};

const setNumber: Mutation = (bytes, random) => {
  const width = random.pick([1, 2, 2, 4, 4, 8]);
  if (bytes.length < width) return bytes;
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(random.pick([...numbers, BigInt(bytes.length), BigInt(random.below(bytes.length))]));
  const field = value.subarray(0, width);
  if (random.below(2) === 0) field.reverse();
  field.copy(bytes, Math.min(place(bytes, random), bytes.length - width));
  return bytes;
};

/** Sizes in PNM are digits. */
const setDigit: Mutation = (bytes, random) => {
  const head = Math.min(bytes.length, 32);
  bytes[random.below(head)] = random.pick([...Buffer.from('0159 \n#-P')]);
  return bytes;
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const remove: Mutation = (bytes, random) => {
  const start = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.below(32))]);
};

const insert: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(32)), bytes.subarray(at)]);
};

const repeat: Mutation = (bytes, random) => {
  const start = place(bytes, random);
  const part = bytes.subarray(start, start + 1 + random.below(64));
  const copies = new Array<Buffer>(1 + random.below(200)).fill(part);
  return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]);
};

const move: Mutation = (bytes, random) => {
  const start = random.below(bytes.length);
  Buffer.from(bytes.subarray(start, start + 1 + random.below(256))).copy(bytes, place(bytes, random));
  return bytes;
};

const splice: Mutation = (bytes, random, samples) => {
  const cut = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, cut), random.pick(samples).bytes.subarray(cut)]);
};

const mutations: readonly Mutation[] = [
  ...[flipBits, setByte, setByte, setNumber, setNumber, setNumber, setNumber, setDigit],
  ...[truncate, truncate, remove, insert, repeat, move, splice],
];

/** Of a chunk's contents, whose checksum is made right again: otherwise nothing behind it is reached. */
function breakPngChunk(bytes: Buffer, random: Random): Buffer {
  const chunks: { start: number; length: number }[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) break;
    if (length > 0) chunks.push({ start: at + 4, length });
    at += 12 + length;
  }
  if (chunks.length === 0) return bytes;
  const { start, length } = random.pick(chunks);
  const content = bytes.subarray(start + 4, start + 4 + length);
  for (let i = 1 + random.below(3); i > 0; i--)
    random.pick([flipBits, setByte, setNumber])(content, random, []);
  bytes.writeUInt32BE(crc32(bytes.subarray(start, start + 4 + length)), start + 4 + length);
  return bytes;
}

/** One field of one entry of a TIFF's directory: its tag, type, count, or value. */
function breakTiffEntry(bytes: Buffer, random: Random): Buffer {
  const big = bytes[0] === 0x4d;
  const u16 = (at: number) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const set = (value: number, at: number, width: 2 | 4) =>
    big ? bytes.writeUIntBE(value, at, width) : bytes.writeUIntLE(value, at, width);
  const start = big ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4);
  if (u16(2) !== 42 || start + 2 > bytes.length) return setNumber(bytes, random, []);
  for (let i = 1 + random.below(2); i > 0; i--) {
    const entry = start + 2 + 12 * random.below(u16(start));
    if (entry + 12 > bytes.length) continue;
    const value = random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 255, 256, 32773, 65535]);
    const large = random.pick([value, value, 65536, 10_000, 0x7fffffff, 0xffffffff, bytes.length]);
    const field = random.below(8);
    if (field === 0) set(value, entry + 2, 2);
    else if (field === 1) set(large, entry + 4, 4);
    else if (u16(entry + 2) === 3) set(value, entry + 8, 2);
    else set(large, entry + 8, 4);
  }
  return bytes;
}

const inside: readonly (readonly [RegExp, (bytes: Buffer, random: Random) => Buffer])[] = [
  [/\.png$/, breakPngChunk],
  [/\.tif$/, breakTiffEntry],
];

/** Case by case the same for a seed. Mostly behind the signature, so that the format's own decoder is reached. */
export function makeCase(samples: readonly Sample[], random: Random): { sample: Sample; bytes: Buffer } {
  const sample = random.pick(samples);
  let bytes: Buffer = Buffer.from(sample.bytes);
  const special = inside.find(([name]) => name.test(sample.name));
  if (special !== undefined && random.below(2) === 0) return { sample, bytes: special[1](bytes, random) };
  const head = random.below(8) === 0 ? 0 : 12;
  for (let i = 1 + random.below(3); i > 0 && bytes.length > 0; i--)
    bytes = random.pick(mutations)(bytes, random, samples);
  sample.bytes.copy(bytes, 0, 0, Math.min(head, bytes.length));
  return { sample, bytes };
}
