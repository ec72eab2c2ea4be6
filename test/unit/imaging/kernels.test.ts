/** The kernels against plain formulas, element by element: sides that fill no whole vector, random values, exactly. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { COLOR_MAPS } from '../../../server/src/imaging/color-maps';
import { Kernels } from '../../../server/src/imaging/kernels';
import { encodeRgbPng } from '../../../server/src/imaging/png/png';
import { PngEncoder, placeColors } from '../../../server/src/imaging/png/encoder';
import type { Taps } from '../../../painting/separable';
import { Separable } from '../../../painting/separable';
import { decodePng } from '../../support/png';

const WIDTHS = [1, 2, 3, 5, 15, 16, 17, 31, 33, 100, 379, 380, 381];
const HEIGHTS = [1, 2, 7, 8, 9];

/** mulberry32, 0..1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const noise = (length: number, seed: number): Uint8Array => {
  const next = random(seed);
  return Uint8Array.from({ length }, () => next() * 256);
};
const reals = (length: number, seed: number): Float32Array => {
  const next = random(seed);
  return Float32Array.from({ length }, () => (next() - 0.4) * 10 ** (8 * next() - 4));
};

function randomTaps(sourceLength: number, length: number, span: number, seed: number): Taps {
  const next = random(seed);
  return {
    length,
    span,
    indices: Int32Array.from({ length: length * span }, () => next() * sourceLength),
    weights: Float64Array.from({ length: length * span }, () => next() - 0.3),
  };
}

/** Rows first, then columns, each sum in the order of its taps. */
function plain(
  data: ArrayLike<number>,
  width: number,
  height: number,
  columns: Taps,
  rows: Taps,
): Float32Array {
  const across = new Float64Array(columns.length * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < columns.length; x++)
      for (let k = x * columns.span; k < (x + 1) * columns.span; k++)
        across[y * columns.length + x]! += columns.weights[k]! * data[y * width + columns.indices[k]!]!;
  const out = new Float32Array(columns.length * rows.length);
  for (let y = 0; y < rows.length; y++)
    for (let x = 0; x < columns.length; x++) {
      let sum = 0;
      for (let k = y * rows.span; k < (y + 1) * rows.span; k++)
        sum += rows.weights[k]! * across[rows.indices[k]! * columns.length + x]!;
      out[y * columns.length + x] = sum;
    }
  return out;
}

test('separable sums: bit for bit, and the range is that of what comes out', () => {
  const kernels = new Kernels();
  const separable = new Separable(kernels);
  const out = kernels.room(0);
  let seed = 1;
  for (const width of [1, 2, 3, 9, 40]) {
    for (const height of HEIGHTS) {
      for (const [length, rowCount, span] of [
        [1, 1, 1],
        [15, 3, 2],
        [17, 17, 3],
        [379, 5, 9],
      ] as const) {
        const data = reals(width * height, seed++);
        const columns = randomTaps(width, length, span, seed++);
        const rows = randomTaps(height, rowCount, span, seed++);
        const name = `${width}x${height} -> ${length}x${rowCount}, ${span}`;
        const range = separable.load(data);
        assert.deepEqual(range, { min: Math.min(...data), max: Math.max(...data) }, name);
        const scaled = Float64Array.from(data, (v) => (v - 0.1) / 3);
        const expected = plain(scaled, width, height, columns, rows);
        const found = separable.apply({ width, height }, columns, rows, out, 0.1, 3);
        assert.deepEqual(out.float32(expected.length), expected, name);
        assert.equal(found.min, Math.min(...expected), name);
        assert.equal(found.max, Math.max(...expected), name);
      }
    }
  }
});

test('a range is refused wherever a value is not finite, and ReLU keeps NaN', () => {
  const separable = new Separable(new Kernels());
  for (const length of [1, 2, 3, 4, 5, 8, 11]) {
    const values = reals(length, length);
    for (let at = 0; at < length; at++) {
      for (const bad of [NaN, Infinity, -Infinity]) {
        const wrong = values.slice();
        wrong[at] = bad;
        assert.equal(separable.load(wrong), null, `${bad} at ${at} of ${length}`);
        const kept = separable.load(wrong, true);
        if (bad === -Infinity) assert.ok(kept !== null && kept.min >= 0);
        else assert.equal(kept, null, `${bad} at ${at} of ${length}, rectified`);
      }
    }
    assert.deepEqual(separable.load(values, true), {
      min: Math.max(0, Math.min(...values)),
      max: Math.max(0, Math.max(...values)),
    });
  }
  assert.equal(separable.load(new Float32Array(0)), null);
});

/** trunc(255 * (v - min) / (max - min)), in double precision. */
const level = (v: number, min: number, max: number): number =>
  Math.trunc((v - min) * ((255 * (1 + 2 ** -40)) / (max - min)));

/** Half and half, halves to the even neighbor. */
function half(a: number, b: number): number {
  const sum = a + b;
  return sum % 2 === 0 ? sum / 2 : 2 * Math.round(sum / 4);
}

test('a map becomes levels, and colors over a picture, pixel for pixel', () => {
  const encoder = new PngEncoder();
  const { kernels } = encoder;
  const colors = placeColors(kernels, COLOR_MAPS.jet);
  for (const width of WIDTHS) {
    for (const height of [1, 3]) {
      const count = width * height;
      const map = Float32Array.from(reals(count, count), (v) => Math.sin(v));
      const [min, max] = [Math.min(...map), Math.max(...map, Math.min(...map) + 1)];
      const room = kernels.room(4 * count);
      room.float32(count).set(map);
      const levels = Uint8Array.from(map, (v) => level(v, min, max));
      const values = { room, min, max };
      const flat = decodePng(encoder.map(values, width, height, COLOR_MAPS.viridis));
      assert.deepEqual([flat.width, flat.height], [width, height]);
      assert.ok(Buffer.from(flat.palette ?? []).equals(COLOR_MAPS.viridis));
      assert.ok(Buffer.from(flat.samples).equals(levels), `levels, ${width}x${height}`);

      const below = noise(3 * count, width);
      const picture = kernels.room(below.length);
      picture.bytes(below.length).set(below);
      const mixed = below.map((v, i) => half(v, COLOR_MAPS.jet[levels[Math.floor(i / 3)]! * 3 + (i % 3)]!));
      const { samples } = decodePng(encoder.overlay(values, width, height, picture, colors));
      assert.ok(Buffer.from(samples).equals(mixed), `overlay, ${width}x${height}`);
    }
  }
});

test('every level is reached at its own border, and not a hair before', () => {
  const encoder = new PngEncoder();
  const borders = Float32Array.from({ length: 256 }, (_, i) => i);
  const before = Float32Array.from({ length: 256 }, (_, i) => Math.max(i - 2 ** -15, 0));
  for (const [values, expected] of [
    [borders, Array.from({ length: 256 }, (_, i) => i)],
    [before, Array.from({ length: 256 }, (_, i) => Math.max(i - 1, 0))],
  ] as const) {
    const room = encoder.kernels.room(1024);
    room.float32(256).set(values);
    const { samples } = decodePng(encoder.map({ room, min: 0, max: 255 }, 256, 1, COLOR_MAPS.gray));
    assert.deepEqual([...samples], expected);
  }
});

test('half and half of any two bytes', () => {
  const encoder = new PngEncoder();
  const { kernels } = encoder;
  const width = 256;
  const map = kernels.room(4 * width);
  map.float32(width).set(Float32Array.from({ length: width }, (_, i) => i));
  const colors = placeColors(kernels, COLOR_MAPS.gray);
  for (let below = 0; below < 256; below++) {
    const picture = kernels.room(3 * width);
    picture.bytes(3 * width).fill(below);
    const { samples } = decodePng(
      encoder.overlay({ room: map, min: 0, max: 255 }, width, 1, picture, colors),
    );
    for (let above = 0; above < 256; above++)
      assert.equal(samples[3 * above], half(below, above), `${below} and ${above}`);
  }
});

test('pictures of bytes are read back as they were, whatever their width', async () => {
  const encoder = new PngEncoder();
  for (const width of WIDTHS) {
    for (const height of HEIGHTS) {
      const name = `${width}x${height}`;
      const gray = noise(width * height, width + height);
      assert.ok(
        Buffer.from(decodePng(encoder.gray({ width, height, data: gray })).samples).equals(gray),
        name,
      );
      const rgb = noise(3 * width * height, width * height);
      const png = decodePng(await encodeRgbPng({ width, height, data: rgb }, encoder));
      assert.ok(Buffer.from(png.samples).equals(rgb), `${name} RGB`);
    }
  }
});

test('Adler-32 of every length around the vectors and blocks, of small and of large bytes', () => {
  const kernels = new Kernels();
  const room = kernels.room(0);
  const lengths = [0, 1, 15, 16, 17, 4095, 4096, 4097, 8192 + 31, 100_003];
  for (const length of lengths) {
    for (const data of [noise(length, length), new Uint8Array(length).fill(255)]) {
      let [a, b] = [1, 0];
      for (const byte of data) {
        a = (a + byte) % 65521;
        b = (b + a) % 65521;
      }
      room.bytes(length).set(data);
      assert.equal(kernels.run.adler32(room.at(length), length) >>> 0, (b * 65536 + a) >>> 0, `${length}`);
    }
  }
});

test('rooms keep apart, hold what was put there while others grow, and refuse what they do not hold', () => {
  const kernels = new Kernels();
  const first = kernels.room(1000);
  first.bytes(1000).set(noise(1000, 5));
  const before = crc32(first.bytes(1000));
  const second = kernels.room(0);
  for (let size = 10; size < 3e7; size *= 7) second.bytes(size).fill(0xaa);
  assert.equal(crc32(first.bytes(1000)), before);
  assert.throws(() => first.at(1001), RangeError);
  assert.ok(
    kernels
      .room(100_000)
      .bytes(100_000)
      .every((v) => v === 0),
  );
  assert.throws(() => second.bytes(5e9), { kind: 'internal', message: /5000\.0 MB more/ });
  assert.equal(crc32(first.bytes(1000)), before);
});

test('memory of rooms that end is used again, also after a failure', () => {
  const kernels = new Kernels();
  const before = kernels.room(16);
  before.bytes(16).fill(7);
  const place = (): number => kernels.within(() => kernels.room(1000).at(1000));
  const first = place();
  assert.throws(() =>
    kernels.within(() => {
      kernels.room(5000);
      throw new Error('halfway');
    }),
  );
  assert.equal(place(), first);
  assert.deepEqual([...before.bytes(16)], new Array(16).fill(7));
});
