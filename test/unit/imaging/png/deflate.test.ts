/** Deflated parts that zlib inflates again; Huffman codes; checksums. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { adlerOfBoth } from '../../../../server/src/imaging/png/adler32';
import type { DeflatedPart } from '../../../../server/src/imaging/png/deflate';
import { PartDeflater, zlibStream } from '../../../../server/src/imaging/png/deflate';
import { canonicalCodes, codeLengths } from '../../../../server/src/imaging/png/huffman';
import { Kernels } from '../../../../server/src/imaging/kernels';

const bytes = (length: number, value: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => value(i));
const noise = (i: number) => (Math.imul(i + 1, 2654435761) >>> 24) & 255;
/** Few symbols very often and the others almost never: codes as long as they get. */
const skewed = (i: number) => (noise(i) < 250 ? noise(i) >> 6 : noise(i * 31));

const contents: Readonly<Record<string, (i: number) => number>> = {
  noise,
  skewed,
  zeros: () => 0,
  'one value': () => 200,
  'rare in what is looked at': (i) => (i % 8192 < 1024 ? 0 : noise(i)),
};

const kernels = new Kernels();
const partDeflater = new PartDeflater(kernels);
const room = kernels.room(0);

function deflate(data: Uint8Array): DeflatedPart {
  room.bytes(data.length).set(data);
  const part = partDeflater.deflate(room, data.length);
  return { ...part, bytes: part.bytes.slice() };
}

function adler32(data: Uint8Array): number {
  room.bytes(data.length).set(data);
  return kernels.run.adler32(room.at(data.length), data.length) >>> 0;
}

test('zlib inflates what was deflated, of any length and content', () => {
  for (const length of [0, 1, 2, 3, 1023, 1024, 8193, 100_001]) {
    for (const [name, value] of Object.entries(contents)) {
      const data = bytes(length, value);
      const packed = Buffer.concat(zlibStream([deflate(data)]));
      assert.ok(inflateSync(packed).equals(data), `${length} bytes of ${name}`);
    }
  }
});

test('parts of different kinds follow one another', () => {
  const pieces = [5000, 1, 70_001, 0, 3].flatMap((length) =>
    Object.values(contents).map((value) => bytes(length, value)),
  );
  const packed = Buffer.concat(zlibStream(pieces.map((piece) => deflate(piece))));
  assert.ok(inflateSync(packed).equals(Buffer.concat(pieces)));
});

test('literals take hardly more than their entropy, and run lengths less where nothing changes', () => {
  // As differences of neighboring pixels are: around 0, larger ones rarer.
  const data = bytes(400_000, (i) => ((noise(i) >> 4) - (noise(i * 7919) >> 4)) & 255);
  const counts = new Map<number, number>();
  for (const v of data) counts.set(v, (counts.get(v) ?? 0) + 1);
  const bits = [...counts.values()].reduce((sum, n) => sum - n * Math.log2(n / data.length), 0);
  const { length } = deflate(data).bytes;
  assert.ok(length >= bits / 8 && length < (bits / 8) * 1.07, `${length} bytes, entropy ${bits / 8}`);
  assert.ok(deflate(new Uint8Array(400_000)).bytes.length < 3000);
});

test('code lengths within the limit leave no sequence of bits without a meaning, and rarer symbols are never shorter', () => {
  const fibonacci = Uint32Array.of(1, 1);
  const many = new Uint32Array(30);
  let [a, b] = [1, 1];
  for (let i = 0; i < many.length; i++) [many[i], a, b] = [a, b, a + b];
  for (const [frequencies, limit] of [
    [fibonacci, 12],
    [many, 12],
    [many, 5],
    [Uint32Array.from({ length: 257 }, (_, i) => i + 1), 12],
    [Uint32Array.of(0, 5, 0, 7, 1), 12],
  ] as const) {
    const lengths = codeLengths(frequencies, limit);
    const kraft = lengths.reduce((sum, l) => sum + (l === 0 ? 0 : 2 ** -l), 0);
    assert.equal(kraft, 1);
    lengths.forEach((length, i) => {
      assert.equal(length === 0, frequencies[i] === 0);
      assert.ok(length <= limit);
      lengths.forEach((other, j) => {
        if (frequencies[i]! > frequencies[j]! && frequencies[j] !== 0) assert.ok(length <= other);
      });
    });
  }
  for (let seed = 1; seed < 400; seed++) {
    const random = Uint32Array.from(
      { length: 20 + (seed % 230) },
      (_, i) => 2 ** ((noise(i * seed) * (seed % 9)) / 80),
    );
    const lengths = codeLengths(random, 8 + (seed % 5));
    assert.equal(
      lengths.reduce((sum, l) => sum + 2 ** -l, 0),
      1,
      `seed ${seed}`,
    );
  }
  // RFC 1951, 3.2.2: ABCDEFGH with lengths 3, 3, 3, 3, 3, 2, 4, 4.
  const codes = canonicalCodes(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4));
  const written = [...codes].map((code) => (code >>> 4).toString(2).padStart(code & 15, '0'));
  assert.deepEqual(
    written.map((code) => Array.from(code).reverse().join('')),
    ['010', '011', '100', '101', '110', '00', '1110', '1111'],
  );
});

test("Adler-32 is zlib's, and that of two pieces follows from theirs", () => {
  // zlib's own, from the end of a stream that it made.
  assert.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398);
  assert.equal(adler32(new Uint8Array(0)), 1);
  const data = bytes(300_000, (i) => (i < 200_000 ? 255 : noise(i)));
  for (const at of [0, 1, 2799, 2800, 2801, 150_000, 300_000]) {
    const [first, second] = [data.subarray(0, at), data.subarray(at)];
    assert.equal(adlerOfBoth(adler32(first), adler32(second), second.length), adler32(data), `${at}`);
  }
});
