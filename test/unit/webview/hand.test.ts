/** What is drawn on the input by hand: the way back, the geometry, and what is asked of the engine. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STROKE_BOUNDS, strokesProblem, type Stroke } from '../../../protocol/strokes';
import {
  beginHand,
  boxBetween,
  cleared,
  dot,
  drawn,
  editOf,
  hasRoom,
  longer,
  middleBox,
  movedBox,
  redone,
  resizedBox,
  scaledStroke,
  strokesText,
  undone,
} from '../../../webview/src/state/hand';

const size = { width: 100, height: 60 };
const stroke: Stroke = { line: [[10, 20]], radius: 4, fill: { blur: 3 } };

test('each change is undone and redone; a new one replaces what was undone', () => {
  const first = beginHand(undefined);
  assert.equal(undone(first).now, first.now);
  const box = drawn(first, { box: [1, 2, 30, 40] });
  const painted = drawn(box, { strokes: [stroke] });
  assert.equal(drawn(painted, { strokes: [stroke] }), painted, 'nothing changed');
  assert.deepEqual(undone(painted).now, box.now);
  assert.deepEqual(redone(undone(painted)).now, painted.now);
  assert.deepEqual(undone(undone(painted)).now, first.now);
  assert.deepEqual(redone(drawn(undone(painted), { box: null })).now.strokes, []);
  const empty = cleared(painted);
  assert.deepEqual(empty.now, { box: null, strokes: [] });
  assert.deepEqual(undone(empty).now, painted.now);
});

test('the box of the face is kept only while something is painted', () => {
  const held = [5, 6, 7, 8] as const;
  assert.deepEqual(editOf({ box: null, strokes: [] }, held), { box: null, strokes: null });
  assert.deepEqual(editOf({ box: null, strokes: [stroke] }, held), { box: held, strokes: [stroke] });
  assert.deepEqual(editOf({ box: null, strokes: [stroke] }, null).box, null);
  assert.deepEqual(editOf({ box: [1, 2, 3, 4], strokes: [stroke] }, held).box, [1, 2, 3, 4]);
});

describe('boxes stay inside the picture', () => {
  test('drawn from any corner', () => {
    const expected = [10, 5, 40, 25];
    assert.deepEqual(boxBetween([10, 5], [40, 25], size), expected);
    assert.deepEqual(boxBetween([40, 5], [10, 25], size), expected);
    assert.deepEqual(boxBetween([40, 25], [10, 5], size), expected);
    assert.deepEqual(boxBetween([-9, -9], [400, 25], size), [0, 0, 100, 25]);
    assert.equal(boxBetween([10, 5], [10.5, 25], size), null);
  });
  test('moved and resized', () => {
    assert.deepEqual(movedBox([10, 5, 40, 25], 3, -2, size), [13, 3, 43, 23]);
    assert.deepEqual(movedBox([10, 5, 40, 25], 300, -200, size), [70, 0, 100, 20]);
    assert.deepEqual(resizedBox([10, 5, 40, 25], -300, 200, size), [10, 5, 12, 60]);
    assert.deepEqual(middleBox(size), [25, 15, 75, 45]);
  });
});

test('a line leaves out points that add nothing, and everything drawn is within the bounds', () => {
  const begun = dot([10.04, 20], 8.26, { color: [1, 2, 3] });
  assert.deepEqual(begun, { line: [[10, 20]], radius: 8.3, fill: { color: [1, 2, 3] } });
  assert.equal(longer(begun, [11, 20]), begun);
  const line = longer(begun, [13, 20.56]);
  assert.ok('line' in line);
  assert.deepEqual(line.line, [
    [10, 20],
    [13, 20.6],
  ]);
  assert.equal(strokesProblem([begun, line]), null);
  assert.ok(hasRoom(Array.from({ length: STROKE_BOUNDS.strokes - 1 }, () => begun)));
  assert.ok(!hasRoom(Array.from({ length: STROKE_BOUNDS.strokes }, () => begun)));
  const long = Array.from({ length: STROKE_BOUNDS.points }, () => [1, 1] as const);
  assert.ok(!hasRoom([{ ...stroke, line: long }]));
});

test('strokes are scaled to the picture that is shown, and written one a line', () => {
  assert.deepEqual(scaledStroke(stroke, 0.5), { line: [[5, 10]], radius: 2, fill: { blur: 2 } });
  const box: Stroke = { box: [2, 4, 6, 8], fill: { color: [1, 2, 3] } };
  assert.deepEqual(scaledStroke(box, 0.5), { box: [1, 2, 3, 4], fill: { color: [1, 2, 3] } });
  const text = strokesText([stroke, box]);
  assert.deepEqual(JSON.parse(text), [stroke, box]);
  assert.equal(text.split('\n').length, 5);
});
