/** One analysis of the sample portrait, from file to report folder, against OpenCV, PyWavelets and PyTorch. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AnalysisOptions } from '../../protocol/options';
import { DEFAULT_OPTIONS } from '../support/default-options';
import type { BoxReport, Range, Report } from '../../protocol/report';
import { decodeImage } from '../../server/src/imaging/decode';
import { cropRegion } from '../../server/src/pipeline/face/crop';
import { faceMask } from '../../server/src/pipeline/face/mask';
import { prepareInput, regionFor } from '../../server/src/pipeline/steps/preprocess';
import { readyLens } from '../support/lens';
import { analyze } from '../../server/src/pipeline/run';
import { waveletRun } from '../../server/src/pipeline/steps/wavelet/report';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { readSlice } from '../../server/src/report/maps-file';
import { root, testCache } from '../support/cli';
import { GoldenArrays, goldenPath, maxAbsoluteDifference, readGolden, relativeL2 } from '../support/golden';
import { temporaryFolder } from '../support/temp';

interface Portrait {
  readonly image: { readonly path: string; readonly sha256: string };
  readonly box: BoxReport;
  readonly landmarks: readonly (readonly [number, number])[];
  readonly rectangle: BoxReport;
  readonly rectangles: readonly {
    readonly width: number;
    readonly height: number;
    readonly box: BoxReport;
    readonly expected: BoxReport;
  }[];
  readonly cA: Readonly<Record<'red' | 'green' | 'blue', Range>>;
  readonly tensor: Range & { readonly order: string };
  readonly logits: readonly number[];
}

const STATISTICS_TOLERANCE = 1e-5;
const LOGIT_TOLERANCE = 1e-4;
const MAP_TOLERANCE = 1e-3;

const golden = readGolden<Portrait>('pipeline/portrait');
const arrays = new GoldenArrays('pipeline/portrait');
const lens = readyLens('fsbi');
const imagePath = join(root, golden.image.path);

const close = (actual: unknown, expected: unknown, tolerance: number, what: string): void => {
  assert.ok(typeof actual === 'number' && typeof expected === 'number', what);
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, golden ${expected}`);
};

const pixels = async (path: string): Promise<Uint8Array> => (await decodeImage(path)).image.data;

const meanDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.equal(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
};

/** Every stride-th row and column. */
const sampled = (data: ArrayLike<number>, width: number, stride: number): number[] => {
  const values: number[] = [];
  for (let y = 0; y < data.length / width; y += stride)
    for (let x = 0; x < width; x += stride) values.push(data[y * width + x]!);
  return values;
};

describe('before the network', () => {
  test('crop rectangles, at the borders too', () => {
    for (const { width, height, box, expected } of golden.rectangles)
      assert.deepEqual(cropRegion(box, 'square', width, height).box, expected);
  });

  test('crop, mask, wavelet planes', async () => {
    const { image, sha256 } = await decodeImage(imagePath);
    assert.equal(sha256, golden.image.sha256, 'the golden was made from another picture');
    const landmarks = golden.landmarks.map(([x, y]) => ({ x, y })) as never;
    const face = { box: golden.box, score: null, landmarks, landmarksEstimated: false };
    const detection = { detector: { id: 'box', describe: () => '' }, faces: [face], ran: {} } as const;
    const region = regionFor(image, detection, lens);
    const { crop, recorded } = prepareInput(region, lens, { width: 380, height: 380 });
    assert.deepEqual(crop.box, golden.rectangle);
    assert.deepEqual(Buffer.from(crop.image.data), Buffer.from(await pixels(goldenPath('pipeline/crop.png'))));
    assert.deepEqual(Array.from(faceMask(detection, crop)?.data ?? []), Array.from(arrays.get('mask').data));

    const wavelet = waveletRun(recorded);
    assert.ok(wavelet);
    assert.deepEqual(wavelet.blended.channels, ['red', 'green', 'blue']);
    for (const [key, planes] of [
      ['resized', wavelet.blended.channels.map((channel) => wavelet.approximation(channel))],
      ['blended', wavelet.blended.planes],
    ] as const) {
      const { data, stride = 0 } = arrays.get(key);
      const found = planes.flatMap((plane) => sampled(plane ?? [], 380, stride));
      assert.ok(maxAbsoluteDifference(found, data) <= 1e-5, key);
    }
  });
});

describe('the whole analysis', () => {
  const output = temporaryFolder('golden-pipeline');
  const bench = new Workbench(testCache);
  const runs = new Map<string, { readonly report: Report; readonly folder: string }>();

  before(async () => {
    for (const target of ['real', 'fake']) {
      const options: AnalysisOptions = {
        ...DEFAULT_OPTIONS,
        ...{ pipeline: 'fsbi', weights: 'demo', target, box: golden.box, device: 'cpu', threads: 2, output },
      };
      runs.set(target, await analyze(imagePath, options, bench));
    }
  });
  after(() => bench.dispose());

  const run = (target: 'real' | 'fake') => {
    const found = runs.get(target);
    assert.ok(found);
    return found;
  };

  test('the crop on disk is OpenCV’s', async () => {
    const { report, folder } = run('fake');
    assert.deepEqual(report.detection.crop.box, golden.rectangle);
    const [found, expected] = await Promise.all([
      pixels(join(folder, report.detection.pictures.crop)),
      pixels(goldenPath('pipeline/crop.png')),
    ]);
    assert.equal(maxAbsoluteDifference(found, expected), 0);
  });

  test('statistics of the wavelet planes and of the tensor are PyWavelets’', () => {
    const { wavelet, tensor, channelOrder } = run('fake').report.preprocess;
    assert.equal(golden.tensor.order.replaceAll(', ', ''), channelOrder);
    for (const key of ['mean', 'std', 'min', 'max'] as const)
      close(tensor[key], golden.tensor[key], STATISTICS_TOLERANCE, `tensor ${key}`);
    assert.equal(wavelet?.planes.length, 3);
    for (const { plane, mean, std } of wavelet.planes) {
      close(mean, golden.cA[plane].mean, STATISTICS_TOLERANCE, `${plane} mean`);
      close(std, golden.cA[plane].std, STATISTICS_TOLERANCE, `${plane} std`);
    }
  });

  test('logits are PyTorch’s, whichever class is explained', () => {
    for (const [index, target] of (['real', 'fake'] as const).entries()) {
      const { classifier, target: explained } = run(target).report;
      assert.deepEqual(explained, { requested: target, index, label: target });
      golden.logits.forEach((logit, i) => close(classifier.logits[i], logit, LOGIT_TOLERANCE, `logit ${i}`));
    }
  });

  test('maps.bin holds PyTorch’s raw maps, activations and channel weights, for both targets', () => {
    const network = new GoldenArrays('network/b5');
    for (const [index, target] of (['real', 'fake'] as const).entries()) {
      const { report, folder } = run(target);
      const file = readFileSync(join(folder, report.mapsFile));
      assert.equal(report.layers.length, 46);
      for (const { name, shape, activation, heatmaps, channelWeights } of report.layers) {
        const [heatmap] = heatmaps;
        assert.ok(heatmap);
        const compare = (slice: typeof channelWeights, key: string): void => {
          const distance = relativeL2(readSlice(file, slice).data, network.get(key).data);
          assert.ok(distance <= MAP_TOLERANCE, `${key}: relative L2 distance ${distance}`);
        };
        if (shape.length === 2) {
          compare(heatmap.map, `${name}/product/${index}`);
          continue;
        }
        compare(activation.map, `${name}/mean`);
        compare(heatmap.map, `${name}/gradcam/${index}`);
        compare(channelWeights, `${name}/weights/${index}`);
      }
    }
  });

  test('heatmap overlays are OpenCV’s within a level on average', async () => {
    const heatmaps = new GoldenArrays('imaging/heatmap');
    const jet = new GoldenArrays('imaging/opencv').get('colours/jet').data;
    const crop = await pixels(goldenPath('pipeline/crop.png'));
    const { report, folder } = run('fake');
    const overlay = (name: string) => {
      const path = report.layers.find((layer) => layer.name === name)?.heatmaps[0]?.picture;
      assert.ok(path, name);
      return pixels(join(folder, path));
    };
    for (const name of ['block_12', 'block_30', 'dropout']) {
      const levels = heatmaps.get(`${name}/levels`).data;
      const expected = crop.map((value, i) => Math.round((value + jet[levels[Math.floor(i / 3)]! * 3 + (i % 3)]!) / 2));
      const difference = meanDifference(await overlay(name), expected);
      assert.ok(difference <= 1, `${name}: ${difference} levels`);
    }
    const drawn = heatmaps.get('block_30/overlay').data;
    assert.ok(meanDifference(await overlay('block_30'), drawn) <= 1);
  });

  test('the activation picture is VIRIDIS of the scaled mean, as OpenCV draws it', async () => {
    const viridis = new GoldenArrays('imaging/opencv').get('colours/viridis').data;
    const levels = new GoldenArrays('imaging/heatmap').get('activation/levels').data;
    const { report, folder } = run('fake');
    const layer = report.layers.find(({ name }) => name === 'block_12');
    assert.ok(layer);
    const found = await pixels(join(folder, layer.activation.picture));
    const expected = Uint8Array.from(found, (_, i) => viridis[levels[Math.floor(i / 3)]! * 3 + (i % 3)]!);
    const difference = meanDifference(found, expected);
    assert.ok(difference <= 1, `${difference} levels`);
  });
});
