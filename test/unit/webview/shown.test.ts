/** What colors stand for: levels equal to the report's, with values at their ends; clipping, locking, bars, columns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf } from '../../../webview/src/picture/bars';
import type { FloatMap } from '../../../webview/src/picture/floatMap';
import { activationLevels, heatLevels } from '../../support/levels';
import { Painter } from '../../../webview/src/picture/painter';
import { blur, resize } from '../../support/resample';
import { clipped, onScale, outside, shownMap, type Shown } from '../../../webview/src/picture/shown';
import { COLUMNS, fitting, reviveColumns, shownColumns, widthOf } from '../../../webview/src/state/columns';
import { firstDisplay, reviveDisplay } from '../../../webview/src/state/display';

const painter = new Painter();
/** 0..1 between the ends of the scale. */
const levelsOf = ({ values, range: { min, max } }: Shown) => values.map((v) => (v - min) / (max - min));
const close = (a: Float32Array, b: Float32Array | undefined) => {
  assert.equal(a.length, b?.length);
  a.forEach((value, i) => assert.ok(Math.abs(value - (b?.[i] ?? NaN)) < 1e-5, `${i}: ${value} ${b?.[i]}`));
};

const size = 32;
const map: FloatMap = {
  width: 5,
  height: 4,
  data: Float32Array.from({ length: 20 }, (_, i) => Math.sin(2.3 * i) * (i + 1)),
};
const square = { signed: false, cells: false, width: size, height: size } as const;
const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(b)), `${a} ${b}`);

test('a heatmap has the levels of the report, and its ends the values of the blurred map', () => {
  const shown = shownMap(painter, map, { ...square, kind: 'heatmap' });
  assert.ok(shown);
  close(levelsOf(shown), heatLevels(map, size, 'map')?.data);
  const values = blur(resize({ ...map, data: map.data.map((value) => Math.max(value, 0)) }, size, size)).data;
  near(shown.low, Math.min(...values));
  near(shown.high, Math.max(...values));
  levelsOf(shown).forEach((level, i) => near(shown.low + level * (shown.high - shown.low), values[i] ?? NaN));
});

test('an activation has the levels of the report and the range of its map', () => {
  const shown = shownMap(painter, map, { ...square, kind: 'activation' });
  assert.ok(shown);
  close(levelsOf(shown), activationLevels(map, size)?.data);
  near(shown.low, Math.min(...map.data));
  near(shown.high, Math.max(...map.data));
});

test('value by value shows every value of the map and nothing between, whatever the shape of the picture', () => {
  const shown = shownMap(painter, map, {
    kind: 'activation',
    signed: false,
    cells: true,
    width: 10,
    height: 12,
  });
  assert.ok(shown);
  const span = shown.high - shown.low;
  for (const [x, y] of [
    [0, 0],
    [9, 11],
    [4, 5],
  ] as const)
    near(
      shown.low + span * (levelsOf(shown)[y * 10 + x] ?? NaN),
      map.data[Math.floor(y / 3) * 5 + Math.floor(x / 2)] ?? NaN,
    );
});

test('a signed map has zero in the middle and equal ends', () => {
  const shown = shownMap(painter, map, { ...square, kind: 'heatmap', signed: true });
  assert.ok(shown);
  near(shown.low, -shown.high);
  near(shown.high, Math.max(...map.data.map(Math.abs)));
});

test('what is not finite or the same everywhere is not colored', () => {
  for (const data of [Float32Array.of(1, NaN), Float32Array.of(2, 2), Float32Array.of(-1, -2)])
    assert.equal(shownMap(painter, { width: 2, height: 1, data }, { ...square, kind: 'heatmap' }), null);
});

test('on another scale a level stands for the same value, and what lies outside is counted', () => {
  const shown = shownMap(painter, map, { ...square, kind: 'activation' });
  assert.ok(shown);
  const half = (shown.low + shown.high) / 2;
  const other = onScale(shown, shown.low, half);
  levelsOf(shown).forEach((level, i) => {
    near(
      other.low + (levelsOf(other)[i] ?? NaN) * (other.high - other.low),
      shown.low + level * (shown.high - shown.low),
    );
  });
  const above = levelsOf(shown).filter((level) => level > 0.5 + 1e-6).length / size ** 2;
  near(outside(other), above);
  assert.ok(Math.abs(outside(clipped(shown, 5, false)) - 0.05) <= 1 / size ** 2);
  assert.equal(outside(clipped(shown, 0, false)), 0);
});

test('bars stand for all values and reach zero', () => {
  const { bars, each, low, high, notFinite } = barsOf(Float32Array.of(1, -2, 3, NaN, 5), 3);
  assert.equal(each, 2);
  assert.deepEqual(bars, [
    { low: -2, high: 1 },
    { low: 0, high: 3 },
    { low: 0, high: 5 },
  ]);
  assert.deepEqual([low, high, notFinite], [-2, 5, 1]);
});

test('columns are taken as they fit, the name always; the reader may take any', () => {
  const all = widthOf(COLUMNS);
  assert.equal(fitting(all).length, COLUMNS.length);
  assert.deepEqual(fitting(0), ['name']);
  assert.ok(fitting(320).includes('heatmap'));
  for (let room = 200; room <= all; room += 37) assert.ok(widthOf(shownColumns(null, room)) <= room);
  assert.deepEqual(
    shownColumns(['std', 'order'], 0).map(({ id }) => id),
    ['name', 'order', 'std'],
  );
  assert.deepEqual(reviveColumns(['std', 'x', 3]), ['std']);
  assert.equal(reviveColumns('std'), null);
});

test('how maps are shown is kept as far as it makes sense', () => {
  assert.deepEqual(
    reviveDisplay({ drawing: 'x', clip: 3, lockedHeatmap: { low: 1, high: 1, layer: 'a' } }),
    firstDisplay,
  );
  const kept = { ...firstDisplay, signed: true, clip: 5, lockedActivation: { low: 0, high: 1, layer: 'a' } };
  assert.deepEqual(reviveDisplay(JSON.parse(JSON.stringify(kept))), kept);
});
