/** Breaks a file: bits, numbers, ranges, opcodes, and members of zips under a CRC that is right again. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { zipOf } from '../../../test/support/checkpoints/zip-writer';
import type { Random } from '../random';

/** A good file to start from. */
export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  /** Whether it can be read before it is broken; some fixtures are there to be refused. */
  readonly readable: boolean;
  /** Its members where it is a zip: name and contents. */
  readonly members: readonly (readonly [name: string, data: Buffer])[];
}

type Mutation = (bytes: Buffer, random: Random, samples: readonly Sample[]) => Buffer;

const opcodes: readonly number[] = Object.values(op);
const numbers: readonly bigint[] = [
  ...[0n, 1n, 2n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 40n],
  ...[(1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n],
];

function range(bytes: Buffer, random: Random, most: number): readonly [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + random.below(most) + 1)];
}

const flipBits: Mutation = (bytes, random) => {
  for (let i = 1 + random.below(8); i > 0; i--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
};

const setOpcode: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.pick(opcodes);
  return bytes;
};

const setNumber: Mutation = (bytes, random) => {
  const width = random.pick([2, 4, 8]);
  if (bytes.length < width) return bytes;
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(random.pick([...numbers, BigInt(bytes.length), BigInt(random.below(bytes.length))]));
  value.copy(bytes, random.below(bytes.length - width + 1), 0, width);
  return bytes;
};

/** Digits and punctuation decide in JSON, in names of storages, and in protocol 0. */
const setDigit: Mutation = (bytes, random) => {
  const places = [...bytes.keys()].filter((at) => /[0-9{}[\]:,"]/.test(String.fromCharCode(bytes[at] ?? 0)));
  if (places.length > 0) bytes[random.pick(places)] = random.pick([...Buffer.from('0189-.e{}[]:,"')]);
  return bytes;
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const remove: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random, 64);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
};

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(32)), bytes.subarray(at)]);
};

const repeat: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random, 64);
  const copies = new Array<Buffer>(1 + random.below(100)).fill(bytes.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
};

const move: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random, 256);
  const part = Buffer.from(bytes.subarray(start, end));
  part.copy(bytes, random.below(bytes.length));
  return bytes;
};

const splice: Mutation = (bytes, random, samples) => {
  const other = random.pick(samples).bytes;
  const cut = random.below(bytes.length + 1);
  return Buffer.concat([
    bytes.subarray(0, cut),
    other.subarray(Math.min(cut, random.below(other.length + 1))),
  ]);
};

const mutations: readonly Mutation[] = [
  ...[flipBits, flipBits, setByte, setByte, setOpcode, setOpcode, setNumber, setNumber, setDigit],
  ...[truncate, remove, insert, repeat, move, splice],
];

/** One to three mutations. @param samples files that parts may be taken from */
export function mutated(bytes: Buffer, random: Random, samples: readonly Sample[]): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let i = 1 + random.below(3); i > 0 && result.length > 0; i--) {
    result = random.pick(mutations)(result, random, samples);
  }
  return result;
}

/** Case by case the same for a seed. Half of the zips are broken inside, so that what is behind the CRC is reached. */
export function makeCase(samples: readonly Sample[], random: Random): { sample: Sample; bytes: Buffer } {
  const readable = samples.filter((sample) => sample.readable);
  const sample = random.pick(random.below(8) === 0 ? samples : readable);
  if (sample.members.length === 0 || random.below(2) === 0) {
    return { sample, bytes: mutated(sample.bytes, random, samples) };
  }
  // The pickle decides most: it is chosen as often as all the others together.
  const pickles = sample.members.filter(([name]) => name.endsWith('.pkl'));
  const [victim] =
    random.below(2) === 0 && pickles.length > 0 ? random.pick(pickles) : random.pick(sample.members);
  const deflate = random.below(4) === 0;
  const members = sample.members.map(
    ([name, data]) => [name, name === victim ? mutated(data, random, samples) : data, { deflate }] as const,
  );
  return { sample, bytes: zipOf(members) };
}
