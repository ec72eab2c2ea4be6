/** Element conversions and checksums against their definitions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { swapBytes, toFloat32 } from '../../../server/src/checkpoints/dtypes';

test('every float16', () => {
  const codes = Uint16Array.from({ length: 65_536 }, (_, code) => code);
  const floats = toFloat32('float16', new Uint8Array(codes.buffer));
  for (let code = 0; code < 65_536; code++) {
    const sign = code & 0x8000 ? -1 : 1;
    const exponent = (code >> 10) & 31;
    const fraction = code & 1023;
    let value: number;
    if (exponent === 31) value = fraction === 0 ? Infinity : NaN;
    else if (exponent === 0) value = (fraction / 1024) * 2 ** -14;
    else value = (1 + fraction / 1024) * 2 ** (exponent - 15);
    assert.ok(Object.is(floats[code], sign * value), `0x${code.toString(16)}`);
  }
});

test('every bfloat16 is the float32 it was cut from', () => {
  const codes = Uint16Array.from({ length: 65_536 }, (_, code) => code);
  const floats = toFloat32('bfloat16', new Uint8Array(codes.buffer));
  const bits = new Uint32Array(floats.buffer);
  for (let code = 0; code < 65_536; code++) assert.equal(bits[code], (code << 16) >>> 0);
});

test('int64 is rounded once', () => {
  // Halfway between two float32 values once rounded to a double, but not before.
  const cases: readonly (readonly [bigint, number])[] = [
    [2n ** 54n + 2n ** 30n + 1n, 2 ** 54 + 2 ** 31],
    [2n ** 54n + 2n ** 30n, 2 ** 54],
    [-(2n ** 54n + 2n ** 30n + 1n), -(2 ** 54 + 2 ** 31)],
    [2n ** 60n + 2n ** 36n - 1n, 2 ** 60],
    [2n ** 63n - 1n, 2 ** 63],
    [-(2n ** 63n), -(2 ** 63)],
    [2n ** 53n + 1n, 2 ** 53],
    [190_840n, 190_840],
  ];
  const longs = BigInt64Array.from(cases, ([value]) => value);
  assert.deepEqual(
    [...toFloat32('int64', new Uint8Array(longs.buffer))],
    cases.map(([, float]) => float),
  );
});

test('byte order', () => {
  const bytes = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const [width, want] of [
    [1, [1, 2, 3, 4, 5, 6, 7, 8]],
    [2, [2, 1, 4, 3, 6, 5, 8, 7]],
    [4, [4, 3, 2, 1, 8, 7, 6, 5]],
    [8, [8, 7, 6, 5, 4, 3, 2, 1]],
  ] as const) {
    const copy = Buffer.from(bytes);
    swapBytes(copy, width);
    assert.deepEqual([...copy], want);
  }
});
