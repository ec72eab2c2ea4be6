/** Deflate for pictures: literals under a Huffman code of their own, or zlib's run lengths where little changes. */

import { constants, deflateRawSync } from 'node:zlib';
import { adler32, adlerOfBoth } from './adler32';
import { canonicalCodes, codeLengths } from './huffman';

/** A byte-aligned part of a deflate stream that is not its last. */
export interface DeflatedPart {
  readonly bytes: Uint8Array;
  /** Of what was compressed: length and Adler-32. */
  readonly length: number;
  readonly adler: number;
}

/** Literals and the end of the block. */
const SYMBOLS = 257;
const END_OF_BLOCK = 256;

/** Two codes and the seven bits that may wait before them fit into 32. */
const LONGEST_CODE = 12;

/** One of so many kilobytes is looked at to find the code: the others resemble it. */
const SAMPLING = 8;
const KILOBYTE = 1024;

/** Above this share of one value, run lengths are much smaller than the bit a literal takes at least. */
const FLAT = 0.75;

/**
 * Compresses one piece of data after another, each into a part of its own.
 *
 * Why not zlib for all: filtered photographs hold few repetitions, and for the Huffman code alone of one 380x380 overlay
 * zlib takes 3.0 ms; this takes 1.3 ms for 5 % more bytes.
 */
export class PartDeflater {
  private out = new Uint8Array(0);

  deflate(data: Uint8Array): DeflatedPart {
    const frequencies = sample(data);
    const looked = frequencies.reduce((sum, n) => sum + n, 0);
    const flat = Math.max(...frequencies) > FLAT * looked;
    return {
      bytes: flat ? runLengths(data) : this.literals(data, frequencies),
      length: data.length,
      adler: adler32(data),
    };
  }

  /** One block with a dynamic code (RFC 1951, 3.2.7) and, so that the next part begins at a byte, an empty stored one. */
  private literals(data: Uint8Array, frequencies: Uint32Array): Uint8Array {
    const worst = Math.ceil((data.length * LONGEST_CODE) / 8) + SYMBOLS + 64;
    if (this.out.length < worst) this.out = new Uint8Array(worst);
    const lengths = codeLengths(frequencies, LONGEST_CODE);
    const codes = canonicalCodes(lengths);
    const bits = new BitWriter(this.out);
    writeCodeLengths(bits, lengths);
    bits.literals(data, codes);
    bits.code(codes[END_OF_BLOCK] as number);
    bits.put(0, 3);
    bits.align();
    bits.put(0x0000, 16);
    bits.put(0xffff, 16);
    return this.out.slice(0, bits.at);
  }
}

/** Every byte gets a code, whether or not the sample holds it. */
function sample(data: Uint8Array): Uint32Array {
  const frequencies = new Uint32Array(SYMBOLS).fill(1);
  const step = data.length > SAMPLING * KILOBYTE ? SAMPLING * KILOBYTE : KILOBYTE;
  for (let start = 0; start < data.length; start += step) {
    const end = Math.min(start + KILOBYTE, data.length);
    for (let i = start; i < end; i++) {
      const byte = data[i] as number;
      frequencies[byte] = (frequencies[byte] as number) + 4;
    }
  }
  return frequencies;
}

const RUN_LENGTHS = {
  level: 1,
  strategy: constants.Z_RLE,
  memLevel: 9,
  finishFlush: constants.Z_SYNC_FLUSH,
};

function runLengths(data: Uint8Array): Uint8Array {
  return deflateRawSync(data, RUN_LENGTHS);
}

/** The block's header. The lengths themselves are written plainly, four bits each: 129 bytes, and nothing to search. */
function writeCodeLengths(bits: BitWriter, lengths: Uint8Array): void {
  bits.put(0, 1); // not the last block
  bits.put(2, 2); // dynamic codes
  bits.put(lengths.length - 257, 5);
  bits.put(0, 5); // one distance code
  bits.put(19 - 4, 4);
  // The order of RFC 1951: 16, 17 and 18, which repeat lengths, are not used; 0 to 15 are four bits long.
  for (const unused of [0, 0, 0]) bits.put(unused, 3);
  for (let i = 0; i < 16; i++) bits.put(4, 3);
  for (const length of lengths) bits.put(reversedNibble(length), 4);
  bits.put(reversedNibble(1), 4); // the distance code, which must be there and is not used
}

/** Huffman codes are written from their highest bit on. */
const reversedNibble = (value: number): number =>
  ((value & 1) << 3) | ((value & 2) << 1) | ((value & 4) >> 1) | ((value & 8) >> 3);

/** Writes bits from the lowest up. */
class BitWriter {
  private readonly view: DataView;
  /** Where the next byte goes; fewer than 8 bits that wait for the rest of their byte; how many they are. */
  private readonly state = Int32Array.of(0, 0, 0);

  constructor(out: Uint8Array) {
    this.view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  }

  /** Whole bytes written. */
  get at(): number {
    return this.state[0] as number;
  }

  /** @param bits up to 24 */
  put(value: number, bits: number): void {
    const [at = 0, waiting = 0, count = 0] = this.state;
    const all = waiting | (value << count);
    this.view.setInt32(at, all, true);
    this.state[0] = at + ((count + bits) >>> 3);
    this.state[1] = all >>> ((count + bits) & 24);
    this.state[2] = (count + bits) & 7;
  }

  /** @param code `code << 4 | length` */
  code(code: number): void {
    this.put(code >>> 4, code & 15);
  }

  align(): void {
    const count = this.state[2] as number;
    if (count > 0) this.put(0, 8 - count);
  }

  /** The codes of all bytes. */
  literals(data: Uint8Array, codes: Uint32Array): void {
    const even = data.length & ~1;
    for (let from = 0; from < even; from += 2 * KILOBYTE) {
      writePairs(data, from, Math.min(from + 2 * KILOBYTE, even), codes, this.view, this.state);
    }
    if (even < data.length) this.code(codes[data[even] as number] as number);
  }
}

/** Two codes at a time, and four bytes at once into memory: the next step writes over what is too much. */
function writePairs(
  data: Uint8Array,
  from: number,
  to: number,
  codes: Uint32Array,
  view: DataView,
  state: Int32Array,
): void {
  let at = state[0] as number;
  let waiting = state[1] as number;
  let count = state[2] as number;
  for (let i = from; i < to; i += 2) {
    const first = codes[data[i] as number] as number;
    const second = codes[data[i + 1] as number] as number;
    waiting |= (first >>> 4) << count;
    count += first & 15;
    waiting |= (second >>> 4) << count;
    count += second & 15;
    view.setInt32(at, waiting, true);
    at += count >>> 3;
    waiting >>>= count & 24;
    count &= 7;
  }
  state[0] = at;
  state[1] = waiting;
  state[2] = count;
}

/** The parts as one zlib stream (RFC 1950): its header, the parts, an empty last block, the checksum. */
export function zlibStream(parts: readonly DeflatedPart[]): Uint8Array[] {
  const adler = parts.reduce((sum, part) => adlerOfBoth(sum, part.adler, part.length), 1);
  const end = Buffer.from([0x03, 0x00, 0, 0, 0, 0]);
  end.writeUInt32BE(adler, 2);
  return [Uint8Array.of(0x78, 0x01), ...parts.map(({ bytes }) => bytes), end];
}
