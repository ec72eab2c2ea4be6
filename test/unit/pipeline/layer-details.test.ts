/** Histogram and leading channels of one layer, by hand; and what is said when the report has moved. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { histogramOf, layerDetails, leadingChannels } from '../../../server/src/pipeline/layer-details';
import { Recent } from '../../../server/src/pipeline/recent';
import { ModelStore } from '../../../server/src/store/store';
import { temporaryFolder } from '../../support/temp';

test('64 equal bins; the largest value is in the last; what is not finite is left out', () => {
  const { min, max, counts } = histogramOf(Float32Array.of(0, 1, 63, 64, 64, NaN, Infinity, -Infinity));
  assert.deepEqual([min, max, counts.length], [0, 64, 64]);
  assert.deepEqual([counts[0], counts[1], counts[62], counts[63]], [1, 1, 0, 3]);
  assert.equal(
    counts.reduce((a, b) => a + b),
    5,
  );
});

test('a constant and nothing finite', () => {
  const constant = histogramOf(Float32Array.of(2, 2));
  assert.deepEqual([constant.min, constant.max, constant.counts[0]], [2, 2, 2]);
  const none = histogramOf(Float32Array.of(NaN));
  assert.ok(none.counts.every((count) => count === 0));
});

test('channels by the size of their term, signs kept', () => {
  // Sums 3, 10, 1; weights 2, -1, 4: terms 6, -10, 4 of 20.
  const activation = Float32Array.of(1, 2, 4, 6, 1, 0);
  const channels = leadingChannels({ shape: [1, 3, 1, 2] }, activation, Float32Array.of(2, -1, 4), 2);
  assert.deepEqual(
    channels.map(({ index, weight, contribution, width, height }) => [
      index,
      weight,
      contribution,
      width,
      height,
    ]),
    [
      [1, -1, -0.5, 2, 1],
      [0, 2, 0.3, 2, 1],
    ],
  );
  const bytes = Buffer.from(channels[0]!.map, 'base64');
  assert.deepEqual([bytes.readFloatLE(0), bytes.readFloatLE(4)], [4, 6]);
});

test('a vector: every value is a channel', () => {
  const [first] = leadingChannels({ shape: [1, 2] }, Float32Array.of(1, 3), Float32Array.of(1, 1), 1);
  assert.deepEqual([first?.index, first?.contribution, first?.width, first?.height], [1, 0.75, 1, 1]);
});

test('a report that is gone', async () => {
  const folder = temporaryFolder('details');
  const question = { folder: join(folder, 'gone'), layer: 'fc', channels: 3 };
  await assert.rejects(layerDetails(question, new ModelStore(join(folder, 'store')), new Recent()), {
    kind: 'usage',
    message: /gone.report\.json: expected a report, found no file there\.$/,
    fix: /Analyze the image again/,
  });
});

test('activations are computed once for a report, and again for another or where not all were kept', async () => {
  const kept = new Recent<ReadonlyMap<string, Float32Array>>();
  const computed: string[] = [];
  const ask = (key: string, keep = true) =>
    kept.of(key, () => {
      computed.push(key);
      return Promise.resolve({ value: new Map([[key, Float32Array.of(1)]]), keep });
    });
  const first = await ask('a');
  assert.equal(await ask('a'), first);
  await ask('b');
  await ask('a');
  await ask('large', false);
  await ask('large', false);
  assert.deepEqual(computed, ['a', 'b', 'a', 'large', 'large']);
  await ask('a');
  kept.forget();
  await ask('a');
  assert.deepEqual(computed.slice(5), ['a', 'a']);
  await assert.rejects(kept.of('c', () => Promise.reject(new Error('no'))));
  await ask('c');
  assert.equal(computed.at(-1), 'c');
});
