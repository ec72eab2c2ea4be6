/** Letterboxing: what is black, where the picture lies, and that coordinates come back; resizing against Pillow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letterbox } from '../../../server/src/detection/letterbox';
import { resizeAntialiased } from '../../../server/src/imaging/antialias';
import { blank, golden } from './support';

test('a wide picture lies in the middle, black above and below, value / 127.5 - 1', () => {
  const { tensor } = letterbox(blank(40, 20, 255), 16);
  for (const plane of [0, 1, 2]) {
    const at = (x: number, y: number) => tensor[plane * 256 + y * 16 + x];
    assert.equal(at(0, 3), -1);
    assert.equal(at(0, 4), 1);
    assert.equal(at(15, 11), 1);
    assert.equal(at(15, 12), -1);
  }
});

test('the planes are red, green, blue', () => {
  const image = { width: 1, height: 1, data: Uint8Array.of(255, 0, 51) };
  assert.deepEqual([...letterbox(image, 1).tensor], [1, -1, Math.fround(51 / 127.5 - 1)]);
});

test('a margin of 2 leaves the picture half of the square', () => {
  const { tensor } = letterbox(blank(30, 30, 255), 12, 2);
  const bright = tensor.subarray(0, 144).filter((value) => value === 1).length;
  assert.equal(bright, 36);
});

for (const [width, height, margin] of [
  [640, 480, 1],
  [480, 640, 2],
  [1000, 3, 1],
  [1, 1, 1],
] as const) {
  test(`${width}x${height}, margin ${margin}: the picture's corners come back`, () => {
    const side = 192;
    const scale = side / (Math.max(width, height) * margin);
    const [w, h] = [width, height].map((n) => Math.max(1, Math.round(n * scale))) as [number, number];
    const [left, top] = [Math.floor((side - w) / 2), Math.floor((side - h) / 2)];
    const box = letterbox(blank(width, height), side, margin).boxToImage([
      left / side,
      top / side,
      (left + w) / side,
      (top + h) / side,
    ]);
    [0, 0, width, height].forEach((expected, i) => assert.ok(Math.abs(box[i]! - expected) < 1e-9));
  });
}

interface Picture {
  width: number;
  height: number;
  data: number[];
}
const pillow = JSON.parse(golden('resize.json').toString()) as { source: Picture; cases: Picture[] };
for (const { width, height, data } of pillow.cases) {
  test(`resizing to ${width}x${height} is Pillow's to within one level`, () => {
    const source = { ...pillow.source, data: Uint8Array.from(pillow.source.data) };
    const resized = resizeAntialiased(source, width, height);
    assert.equal(resized.data.length, data.length);
    data.forEach((value, i) => assert.ok(Math.abs(value - resized.data[i]!) <= 1, `value ${i}`));
  });
}
