/** Strokes against NumPy and OpenCV, pixel for pixel; what is not a stroke; and that no list of strokes takes long. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STROKE_BOUNDS, strokesProblem, type Stroke } from '../../../protocol/strokes';
import type { RgbImage } from '../../../server/src/imaging/image';
import { paintStrokes } from '../../../painting/strokes';
import { GoldenArrays, readGolden } from '../../support/golden';

interface Header {
  readonly cases: readonly {
    readonly name: string;
    readonly picture: number;
    readonly strokes: readonly Stroke[];
    readonly pixels: number;
  }[];
}
const { cases } = readGolden<Header>('imaging/strokes');
const golden = new GoldenArrays('imaging/strokes');

function pictureOf(name: string): RgbImage {
  const { data, shape } = golden.get(name);
  return { width: shape[1]!, height: shape[0]!, data: Uint8Array.from(data) };
}

describe('as NumPy and OpenCV paint them', () => {
  assert.ok(cases.length >= 12);
  for (const { name, picture, strokes, pixels } of cases)
    test(name, () => {
      assert.equal(strokesProblem(strokes), null);
      const before = pictureOf(`picture-${picture}`);
      const copy = before.data.slice();
      const painted = paintStrokes(before, strokes);
      assert.deepEqual(painted.image, pictureOf(name));
      assert.equal(painted.pixels, pixels);
      assert.deepEqual(before.data, copy, 'the picture itself stays');
    });
});

test('painting twice over a place is painting once', () => {
  const picture = pictureOf('picture-0');
  const { strokes } = cases.find(({ name }) => name === 'several')!;
  assert.deepEqual(paintStrokes(picture, [...strokes, ...strokes]), paintStrokes(picture, strokes));
});

test('the most that is allowed is painted row by row, no pixel twice', () => {
  const width = 300;
  const picture = { width, height: width, data: new Uint8Array(3 * width * width).fill(7) };
  const points = STROKE_BOUNDS.points / STROKE_BOUNDS.strokes;
  const strokes = Array.from({ length: STROKE_BOUNDS.strokes }, (_, i) => ({
    line: Array.from({ length: Math.floor(points) }, (_, k) => [(i * 37) % 300, (k * 91) % 300] as const),
    radius: STROKE_BOUNDS.radius,
    fill: { blur: STROKE_BOUNDS.blur - (i % STROKE_BOUNDS.blurs) },
  }));
  assert.equal(strokesProblem(strokes), null);
  const { image, pixels } = paintStrokes(picture, strokes);
  assert.equal(pixels, width * width);
  assert.deepEqual(image.data, picture.data, 'the mean of equal pixels is the same');
});

const dot = { line: [[1, 2]], radius: 3, fill: { color: [1, 2, 3] } };

describe('what is not a list of strokes is named', () => {
  const wrong: readonly (readonly [value: unknown, at: string, expected: RegExp])[] = [
    [null, '', /a list of 1 to 256/],
    [{}, '', /a list/],
    [[], '', /a list of 1/],
    [Array.from({ length: 257 }, () => dot), '', /1 to 256/],
    [[dot, 5], '[1]', /either line or box/],
    [[{ ...dot, box: [0, 0, 1, 1] }], '[0]', /either line or box/],
    [[{ ...dot, line: [] }], '[0].line', /at least one point/],
    [[{ ...dot, line: [[1, NaN]] }], '[0].line[0]', /x, y in pixels/],
    [[{ ...dot, line: [[1, 2, 3]] }], '[0].line[0]', /x, y/],
    [[{ ...dot, line: [[1, 1e7]] }], '[0].line[0]', /x, y/],
    [[{ ...dot, radius: 0 }], '[0].radius', /0\.5 to/],
    [[{ ...dot, radius: '3' }], '[0].radius', /0\.5 to/],
    [[{ ...dot, fill: { color: [1, 2, 256] } }], '[0].fill.color', /0 to 255/],
    [[{ ...dot, fill: { color: [1, 2.5, 3] } }], '[0].fill.color', /whole/],
    [[{ ...dot, fill: { blur: 0 } }], '[0].fill.blur', /1 to 500/],
    [[{ ...dot, fill: { blur: 1.5 } }], '[0].fill.blur', /whole/],
    [[{ ...dot, fill: { blur: 2, color: [1, 2, 3] } }], '[0].fill', /either color or blur/],
    [[{ ...dot, fill: 'gray' }], '[0].fill', /either color or blur/],
    [[{ box: [5, 5, 5, 9], fill: { blur: 2 } }], '[0].box', /x1 > x0/],
    [[{ box: [5, 5, 9], fill: { blur: 2 } }], '[0].box', /x1 > x0/],
    [[{ ...dot, line: Array.from({ length: 4001 }, () => [1, 1]) }], '', /4000 points/],
    [Array.from({ length: 9 }, (_, i) => ({ ...dot, fill: { blur: i + 1 } })), '', /8 different blurs/],
  ];
  for (const [value, at, expected] of wrong)
    test(`${at} ${expected.source}`, () => {
      const found = strokesProblem(value);
      assert.equal(found?.at, at);
      assert.match(found.expected, expected);
    });
});
