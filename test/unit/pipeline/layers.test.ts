/** A layer's row in the report: ranges after ReLU, shares, health, slices of the maps file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivationStatistics, LayerResult } from '../../../server/src/explain/decode';
import type { NonFinite } from '../../../server/src/pipeline/reporting/layers';
import { drawnLayer, mapsOf, undrawnLayer } from '../../../server/src/pipeline/reporting/layers';
import { MapsFile, readSlice } from '../../../server/src/report/maps-file';
import { layerPaths } from '../../../server/src/report/paths';

const statistics: ActivationStatistics = { mean: 0.5, std: 1, min: -1, max: 2, zeros: 0.25, finite: true };

const map: LayerResult = {
  name: 'conv',
  shape: [1, 3, 1, 4],
  form: { kind: 'map', channels: 3, height: 1, width: 4 },
  mean: Float32Array.of(1, 2, 3, 4),
  cam: new Map([['gradcam', Float32Array.of(-1, 3, 0, -5)]]),
  statistics,
  weights: Float32Array.of(0.1, 0.2, 0.3),
  unexplained: null,
};
const vector: LayerResult = {
  ...map,
  name: 'fc',
  shape: [1, 2],
  form: { kind: 'vector', channels: 2 },
  mean: Float32Array.of(7, 8),
  cam: new Map([['gradcam', Float32Array.of(-4, 2)]]),
  weights: Float32Array.of(0, 1),
};

const [paths] = layerPaths(['conv']);
function row(layer: LayerResult, nonFinite: NonFinite = { nan: 0, inf: 0 }, blank = false) {
  const file = new MapsFile();
  const maps = mapsOf(layer, 'bars');
  const known = { layer, operator: 'Conv', paths: paths!, maps, nonFinite };
  const report = drawnLayer(undrawnLayer(known, file), known, [blank]);
  return { report, bytes: file.bytes() };
}

test('a map: the range is that after ReLU, the share that before', () => {
  const { report } = row(map);
  assert.deepEqual(report.heatmaps[0]?.cam, { mean: 0.75, std: Math.sqrt(27) / 4, min: 0, max: 3 });
  assert.equal(report.heatmaps[0].negative, 0.5);
  assert.deepEqual(report.health, []);
});

test('a vector has no ReLU', () => {
  assert.deepEqual(row(vector).report.heatmaps[0]?.cam, { mean: -1, std: 3, min: -4, max: 2 });
});

test('slices hold what they name', () => {
  for (const layer of [map, vector]) {
    const { report, bytes } = row(layer);
    assert.deepEqual(readSlice(bytes, report.activation.map).data, layer.mean);
    assert.deepEqual(readSlice(bytes, report.channelWeights).data, layer.weights);
    assert.deepEqual(readSlice(bytes, report.heatmaps[0]!.map).data, layer.cam.get('gradcam'));
  }
});

test('a map that is NaN says so in every number', () => {
  const spoilt = { ...map, cam: new Map([['gradcam', Float32Array.of(1, NaN, 2, 3)]] as const) };
  assert.deepEqual(row(spoilt).report.heatmaps[0]?.cam, { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' });
});

const health: readonly (readonly [string, Partial<LayerResult>, NonFinite, boolean, readonly string[]])[] = [
  ['NaN and infinity', {}, { nan: 2, inf: 1 }, false, ['nan', 'inf']],
  [
    'all zero',
    { statistics: { ...statistics, min: 0, max: 0, zeros: 1 } },
    { nan: 0, inf: 0 },
    true,
    ['dead', 'blank-cam'],
  ],
  ['one value', { statistics: { ...statistics, min: 2, max: 2 } }, { nan: 0, inf: 0 }, false, ['constant']],
  [
    'one pixel',
    {
      form: { kind: 'map', channels: 3, height: 1, width: 1 },
      mean: Float32Array.of(1),
      cam: new Map([['gradcam', Float32Array.of(1)]]),
    },
    { nan: 0, inf: 0 },
    false,
    ['single-pixel'],
  ],
];
for (const [name, change, nonFinite, blank, marks] of health)
  test(`health: ${name}`, () => {
    assert.deepEqual(row({ ...map, ...change }, nonFinite, blank).report.health, marks);
  });
