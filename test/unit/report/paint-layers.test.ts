/** Layers drawn by two threads: each once, the same pictures as by one, and failures that reach the caller. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { FloatMap, RgbImage } from '../../../server/src/imaging/image';
import type { LayerMaps, LayerPictures } from '../../../server/src/report/layer-pictures';
import { Painters } from '../../../server/src/report/drawing';
import { LayerPainter } from '../../../server/src/report/layer-pictures';
import { paintLayers } from '../../../server/src/report/paint-layers';
import type { Painting } from '../../../server/src/report/painter-thread';
import { PainterThread } from '../../../server/src/report/painter-thread';

const crop: RgbImage = { width: 40, height: 30, data: new Uint8Array(3600).map((_, i) => i) };
const map = (side: number, phase: number): FloatMap => ({
  width: side,
  height: side,
  data: Float32Array.from({ length: side * side }, (_, i) => Math.sin(i + phase)),
});
const layers: LayerMaps[] = Array.from({ length: 25 }, (_, i) => ({
  vector: null,
  activation: map((i % 7) + 2, i),
  cams: [{ method: 'gradcam', map: map((i % 5) + 2, -i) }],
}));
const bytes = ({ activation, overlays }: LayerPictures): Buffer =>
  Buffer.concat([activation, ...overlays.map(({ picture }) => picture)]);
const expected = layers.map((layer) => bytes(new LayerPainter(crop).paint(layer)));

const thread = new PainterThread();
after(() => thread.stop());

test('two threads draw every layer once, and the same as one', async () => {
  for (const second of [null, thread.begin(crop)]) {
    const found = new Map<number, Buffer>();
    await paintLayers(crop, layers, second, (index, pictures) => {
      assert.ok(!found.has(index));
      found.set(index, bytes(pictures));
      return Promise.resolve();
    });
    assert.equal(found.size, layers.length);
    expected.forEach((picture, i) => assert.ok(found.get(i)?.equals(picture), `layer ${i}`));
    second?.end();
  }
});

test('several crops are under way at once, and each gets its own pictures', async () => {
  const dark: RgbImage = { width: 40, height: 30, data: new Uint8Array(3600) };
  const [first, other] = [thread.begin(crop), thread.begin(dark)];
  const drawn = await Promise.all(layers.flatMap((layer) => [first.paint(layer), other.paint(layer)]));
  const onDark = new LayerPainter(dark);
  drawn.forEach((pictures, i) => {
    const wanted = i % 2 === 0 ? expected[i / 2] : bytes(onDark.paint(layers[(i - 1) / 2]!));
    assert.ok(wanted !== undefined && bytes(pictures).equals(wanted), `${i}`);
  });
  first.end();
  other.end();
});

test('a failure in either thread, or of whoever takes the pictures, stops both and is thrown', async () => {
  const bad: LayerMaps = { ...layers[0]!, activation: { width: 2, height: 2, data: null as never } };
  const second = thread.begin(crop);
  await assert.rejects(second.paint(bad), { kind: 'internal' });
  assert.ok(bytes(await second.paint(layers[3]!)).equals(expected[3]!), 'the thread goes on');
  let taken = 0;
  const full = (): Promise<void> => {
    taken += 1;
    return taken === 4 ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
  };
  await assert.rejects(paintLayers(crop, layers, second, full), /the disk is full/);
  assert.ok(taken < 10, `${taken} taken`);
  second.end();
});

test('a thread that is stopped fails what it draws, and the next layer starts another', async () => {
  const own = new PainterThread();
  const painting: Painting = own.begin(crop);
  const waiting = assert.rejects(painting.paint(layers[0]!), { kind: 'internal', message: /stopped/ });
  await own.rest(); // it is drawing: nothing happens
  await own.stop();
  await waiting;
  assert.ok(bytes(await painting.paint(layers[0]!)).equals(expected[0]!));
  await own.rest();
  assert.ok(bytes(await painting.paint(layers[1]!)).equals(expected[1]!));
  painting.end();
  await own.stop();
});

test('a painter that was given back draws over the next crop as a new one does', () => {
  const painters = new Painters();
  const first = painters.over(crop);
  const layer = layers[0] as (typeof layers)[number];
  first.paint(layer);
  const other = { ...crop, data: crop.data.map((value) => 255 - value) };
  assert.notEqual(painters.over(other), first); // somebody has it
  painters.back(first);
  const again = painters.over(other);
  assert.equal(again, first);
  assert.deepEqual(bytes(again.paint(layer)), bytes(new LayerPainter(other).paint(layer)));
  painters.back(again);
  const wider = { width: 2 * crop.width, height: crop.height, data: new Uint8Array(2 * crop.data.length) };
  assert.notEqual(painters.over(wider), again);
  assert.throws(() => again.place(wider), RangeError);
});
