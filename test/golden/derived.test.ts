/** Lenses that nobody wrote: what each writer leaves in and beside a model gives the tensor that its own library makes. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Kernels } from '../../server/src/imaging/kernels';
import { kerasApplication } from '../../server/src/lens/writers/keras';
import { pixelsOf } from '../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../server/src/pipeline/steps/run-steps';
import { fittedLens } from '../support/fitted';
import type { GoldenArray } from '../support/golden';
import { GoldenArrays, goldenPath } from '../support/golden';
import { temporaryFolder } from '../support/temp';
import type { PictureName } from '../unit/pipeline/steps/picture';
import { picture } from '../unit/pipeline/steps/picture';

interface Case extends GoldenArray {
  readonly picture: PictureName;
  readonly files: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** [channels, height, width], of which every `stride`-th row and column is stored. */
  readonly whole: readonly [number, number, number];
}

const arrays = new GoldenArrays('lens/derived');
const kernels = new Kernels();
const folder = temporaryFolder('derived');

/**
 * Image.* does not say how pictures are resized, what reverses nothing may be given either order, Model API's crop of unequal sides is a mistake of
 * its own, and new versions of Ultralytics feed old models otherwise.
 */
const GUESSED = /^(image-entries|model-api\/(fit_to_window(_letterbox)?|crop-72x56)|ultralytics-8\.0\.\d+)\//;

/** Python's names of its labels, by writer. */
const labels: Readonly<Record<string, readonly string[]>> = {
  timm: ['a', 'b', 'c'],
  ultralytics: ['fake', 'real'],
  'custom-vision': ['cat', 'dog'],
  'teachable-machine': ['Class 1', 'Class 2'],
  'paddle-clas/flow': ['猫', "it's"],
  'model-api': ['a cat', 'dog'],
};

async function lensOf(key: string, { files, metadata, whole: [channels, height, width] }: Case) {
  const place = join(folder, key.replaceAll('/', '-'));
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  const classes = key.startsWith('timm') ? 3 : 2;
  const path = join(place, 'model.onnx');
  return fittedLens({ path, metadata, size: [height, width], classes, channels: channels as 3 }, folder);
}

for (const writer of new Set(arrays.keys.map((key) => key.split('/')[0]!))) {
  const keys = arrays.keys.filter((key) => key.startsWith(`${writer}/`));
  describe(writer, () => {
    for (const key of keys)
      test(key, async () => {
        const golden = arrays.get(key) as Case;
        const lens = await lensOf(key, golden);
        const preprocess = lens.report.values.find((value) => value.key === 'preprocess');
        const origin = Object.keys(golden.files).length > 0 ? 'files' : 'metadata';
        assert.equal(preprocess?.origin, GUESSED.test(key) ? 'guess' : origin, preprocess?.detail);
        assert.equal((preprocess.others ?? []).length > 0, GUESSED.test(key), preprocess.others?.join('; '));
        const named = labels[writer] ?? labels[key.split('/').slice(0, 2).join('/')];
        if (named !== undefined && key !== 'timm/test-size/odd') assert.deepEqual(lens.labels, named);
        const [, height, width] = golden.whole;
        const { tensor } = runSteps(pixelsOf(picture(golden.picture)), lens.preprocess, {
          ...{ input: { width, height }, kernels },
        });
        assert.deepEqual(tensor.dims, [1, ...golden.whole]);
        const range = Math.max(...Array.from(golden.data)) - Math.min(...Array.from(golden.data));
        const largest = difference(golden, tensor.data);
        assert.ok(largest <= 2e-6 * range, `${largest} off, of ${range}`);
      });
  });
}

function difference({ whole: [channels, height, width], stride = 1, data }: Case, found: Float32Array): number {
  let [largest, at] = [0, 0];
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y += stride)
      for (let x = 0; x < width; x += stride, at++)
        largest = Math.max(largest, Math.abs((found[(channel * height + y) * width + x] ?? NaN) - (data[at] ?? NaN)));
  assert.equal(at, data.length);
  return largest;
}

interface KerasGolden {
  readonly networks: readonly { readonly name: string; readonly mode: string; readonly layers: readonly string[] }[];
}

/** Networks whose layers are named by count alone, as anybody's are. */
const NAMELESS = /^(InceptionV3|MobileNetV3|ConvNeXt)/;

describe('keras.applications', () => {
  const packed = readFileSync(goldenPath('lens/keras.json.gz'));
  const { networks } = JSON.parse(gunzipSync(packed).toString()) as KerasGolden;
  for (const { name, mode, layers } of networks)
    test(`${name} is recognized by its layers' names, and has the normalization of its own module`, () => {
      const found = kerasApplication(new Set(layers));
      if (NAMELESS.test(name)) assert.ok(found === null || found.mode === mode, found?.name);
      else assert.equal(found?.mode, mode, found?.name);
    });

  test('what it is, is a guess that names the others; unknown networks get 0..1', async () => {
    const path = join(folder, 'keras.onnx');
    const resnet = { application: { name: 'ResNet', mode: 'caffe' } };
    const lens = await fittedLens({ path, size: [224, 224], tensorflow: resnet }, folder);
    const preprocess = lens.report.values.find((value) => value.key === 'preprocess');
    assert.deepEqual(
      lens.preprocess.map(({ step }) => step),
      ['resize', 'channels', 'normalize'],
    );
    assert.equal(preprocess?.origin, 'guess');
    assert.match(`${preprocess.detail} ${preprocess.others?.join()}`, /keras\.applications' ResNet.*mode caffe.*values -1 to 1/);
    const other = await fittedLens({ path, size: [64, 64], tensorflow: { application: null } }, folder);
    assert.deepEqual(
      other.preprocess.map(({ step }) => step),
      ['resize', 'rescale'],
    );
  });
});
