/** What a reader is told, rule by rule: each applies exactly where its number says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerReport, Report, WarningReport } from '../../../protocol/report';
import { Kernels } from '../../../server/src/imaging/kernels';
import { greatest, least } from '../../../painting/reduce';
import { builtInLenses } from '../../../server/src/lens/lens-file';
import { readyLens } from '../../support/lens';
import { pixelsOf } from '../../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../../server/src/pipeline/steps/run-steps';
import { computeWarnings } from '../../../server/src/pipeline/reporting/warnings';
import { referenceRun } from '../report/reference-run';

/** The reference's own preprocessing reached 1.4785, inside what this wavelet can give. */
const base: Report = {
  ...referenceRun,
  preprocess: { ...referenceRun.preprocess, expectedRange: [-0.2, 1.7] },
};

/** @param scale that of a plain stretch to the network's size where it is left out */
function warningsOf(change: Partial<Report>, scale?: { x: number; y: number }): readonly WarningReport[] {
  const report = { ...base, ...change };
  const { size, box } = report.detection.crop;
  const stretched = { x: size / (box[2] - box[0]), y: size / (box[3] - box[1]) };
  return computeWarnings({ ...report, scale: scale ?? stretched }, []);
}

const face = base.detection.faces[0]!;
const detection = (change: Partial<Report['detection']>): Partial<Report> => ({
  detection: { ...base.detection, ...change },
});
const tensor = (min: number, max: number, expectedRange: readonly [number, number]): Partial<Report> => ({
  preprocess: { ...base.preprocess, tensor: { ...base.preprocess.tensor, min, max }, expectedRange },
});
const layers = (change: (layer: LayerReport) => Partial<LayerReport>): Partial<Report> => ({
  layers: base.layers.map((layer) => ({ ...layer, ...change(layer) })),
});
const spoil = (names: readonly string[], nan: number, inf: number): Partial<Report> =>
  layers(({ name, activation }) => (names.includes(name) ? { activation: { ...activation, nan, inf } } : {}));
const blank = (names: readonly string[], negative: number): Partial<Report> =>
  layers(({ name, heatmaps }) =>
    names.includes(name) ? { heatmaps: heatmaps.map((map) => ({ ...map, blank: true, negative })) } : {},
  );
const present = { provider: 'cuda', reason: 'no libraries', present: true } as const;
const absent = { provider: 'coreml', reason: 'needs macOS', present: false } as const;

const placed = (bytes: number): Partial<Report> => ({
  device: {
    ...base.device,
    placement: {
      providers: [
        { provider: 'cuda', nodes: 1299 },
        { provider: 'cpu', nodes: 7 },
      ],
      onCpu: [
        { operator: 'QuickGelu', nodes: 4, bytes },
        { operator: 'Equal', nodes: 3, bytes: 18 },
      ],
      copies: { nodes: 2, bytes: 2 * bytes },
    },
  },
});

/** A lens that states one, and the one that is in force. */
const threshold = (inForce: number | null): Partial<Report> => ({
  lens: {
    name: 'a',
    values: [
      {
        key: 'output.threshold',
        value: 0.7,
        origin: 'lens',
        detail: 'a.lens.json:1:2; not taken: 0.5, at b',
      },
    ],
  },
  classifier: {
    ...base.classifier,
    activation: {
      ...{ kind: 'sigmoid', origin: 'option', description: 'the sigmoid', multiLabel: false },
      threshold: inForce,
    },
  },
});

test('a run without fault has none', () => {
  assert.deepEqual(warningsOf({}), []);
});

const rows: readonly (readonly [string, Partial<Report>, string | null, RegExp?, (readonly string[])?])[] = [
  [
    'a picture that was painted over',
    { input: { ...base.input, edited: { strokes: 3, pixels: 1, picture: 'steps/a_input/edited.png' } } },
    'edited-by-hand',
    /^The picture was edited by hand .*: 3 strokes cover 1 of \d+ pixels \(<0\.1%\)\. Nothing here is about the file/,
  ],
  [
    'a threshold among several classes',
    threshold(null),
    'threshold-unused',
    /^The threshold 0\.7 \(a\.lens\.json:1:2\) has no effect: the verdict is the most probable of several classes\./,
  ],
  ['a threshold of one logit', threshold(0.7), 'one-logit'],
  [
    'demo weights',
    { model: { ...base.model, untrained: true } },
    'untrained-weights',
    /predictions and heatmaps are placeholders/,
  ],
  [
    'an assumption',
    { model: { ...base.model, notes: ['Taken as b5.'] } },
    'architecture-assumed',
    /^Taken as b5\.$/,
  ],
  [
    'what the graph says of itself',
    { model: { ...base.model, architecture: 'onnx', notes: ['It takes gray.'] } },
    'read-from-graph',
    /^It takes gray\.$/,
  ],
  [
    'a class called like the index of another',
    {
      target: { requested: '1', index: 0, label: '1' },
      classifier: { ...base.classifier, labels: ['1', '2'] },
    },
    'target-by-name',
    /^The target 1 is the class called "1", which has index 0\. The class with index 1 is called "2": index:1 means that one\.$/,
  ],
  [
    'a verdict whose name two classes share',
    { classifier: { ...base.classifier, labels: ['crane', 'crane'] } },
    'label-shared',
    /^The class called "crane" is the one with index \d; so is that with index \d\. Only the index tells them apart/,
  ],
  [
    'names that others share',
    { classifier: { ...base.classifier, labels: ['real', 'fake', 'crane', 'crane'] } },
    null,
  ],
  ['an index that no class is called by', { target: { requested: '1', index: 1, label: 'fake' } }, null],
  [
    'more layers than are reported',
    { model: { ...base.model, layerSelection: { found: 4003, shown: 512 } } },
    'layers-left-out',
    /^The network has 4003 layers\. 512 of them are shown/,
  ],
  [
    'what could not be kept',
    { notCached: ['The cache folder /c cannot be written.', 'So nothing of it was used.'] },
    'not-cached',
    /^The cache folder \/c cannot be written\. So nothing of it was used\.$/,
  ],
  [
    'a device passed over that is there',
    { device: { ...base.device, provider: 'cpu', passedOver: [present, absent] } },
    'device-fallback',
    /Ran on cpu .* \(cuda: no libraries\)\.$/,
  ],
  ['a chain on the CPU', placed(3_000_000), 'partly-on-cpu', /^7 of 1306 nodes .*QuickGelu \(4\);/],
  ['numbers that choose the class', placed(65_535), null],
  [
    "a chain of the detector's network on the CPU",
    detection({ device: (placed(3_000_000) as Pick<Report, 'device'>).device }),
    'partly-on-cpu',
    /^In the detector's network, 7 of 1306 nodes .*QuickGelu \(4\);/,
  ],
  ["the detector's network on the CPU alone", detection({ device: { provider: 'cpu' } }), null],
  ['a device that is not there', { device: { ...base.device, provider: 'cpu', passedOver: [absent] } }, null],
  ['two faces', detection({ faces: [face, face] }), 'several-faces', /^2 faces/],
  [
    'a box that is in doubt beside a face',
    detection({ faces: [face, { ...face, doubt: 'unseen' }] }),
    'doubtful-face',
    /^1 of the 2 boxes found may not be faces: .* analyzed is not among them\.$/,
  ],
  [
    'a face that BlazeFace does not see',
    detection({ faces: [{ ...face, box: [10, 20, 310, 400], doubt: 'unseen' }] }),
    'doubtful-face',
    /^The box that was analyzed \(300x380 px at 10,20\) may not be a face: .*BlazeFace/,
  ],
  [
    'a face beyond the anchors',
    detection({ faces: [{ ...face, doubt: 'beyond-anchors' }] }),
    'doubtful-face',
    /larger than the detector's anchors can measure/,
  ],
  [
    'estimated landmarks',
    detection({ faces: [{ ...face, landmarksEstimated: true }] }),
    'estimated-landmarks',
  ],
  ['a box by hand', detection({ detector: 'box', faces: [{ ...face, landmarks: null }] }), 'no-landmarks'],
  ['no detector', detection({ detector: 'none', faces: [{ ...face, landmarks: null }] }), null],
  [
    'a face of 95 px',
    detection({
      faces: [{ ...face, box: [0, 0, 200, 95] }],
      crop: { ...base.detection.crop, box: [0, 0, 190, 190] },
    }),
    'small-face',
    /200x95 px .*enlarged 2 times/,
  ],
  ['a face of 96 px', detection({ faces: [{ ...face, box: [0, 0, 96, 96] }] }), null],
  [
    'a crop cut short',
    detection({ crop: { ...base.detection.crop, clamped: true, box: [0, 0, 110, 90] } }),
    'crop-clamped',
    /110x90 px .*stretched/,
  ],
  [
    'a whole picture that is not square',
    detection({ crop: { ...base.detection.crop, mode: 'whole', box: [0, 0, 600, 400] } }),
    'stretched',
    /600x400 px .* stretched to 380x380/,
  ],
  [
    'a whole picture that is nearly square',
    detection({ crop: { ...base.detection.crop, mode: 'whole', box: [0, 0, 400, 390] } }),
    null,
  ],
  [
    'a crop that is stretched as in training',
    detection({ crop: { ...base.detection.crop, mode: 'sbi', box: [0, 0, 600, 400] } }),
    null,
  ],
  ['values above', tensor(0, 1.71, [-0.2, 1.7]), 'value-range', /from 0 to 1\.71; .* -0\.2 to 1\.7\./],
  ['values below', tensor(-0.3, 1, [-0.2, 1.7]), 'value-range'],
  ['a bound met in float32', tensor(0, Math.fround(1.7), [-0.2, 1.7]), null],
  [
    'NaN and infinity',
    spoil(['block_05', 'block_06'], 3, 1),
    'non-finite',
    /first in block_05 \(3 NaN, 1 infinite\) and in 1 more/,
    ['block_05', 'block_06'],
  ],
  [
    'a gradient that is NaN',
    layers(({ name, heatmaps }) =>
      name === 'bn0'
        ? {
            heatmaps: heatmaps.map((map) => ({
              ...map,
              cam: { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' },
            })),
          }
        : {},
    ),
    'non-finite',
    /gradients of 1 of 46 layers/,
    ['bn0'],
  ],
  [
    'blank maps, all negative',
    blank(['bn1', 'fc'], 1),
    'blank-cams',
    /^gradcam shows nothing for 2 of 46 layers; in 2 of them every value was negative/,
    ['bn1', 'fc'],
  ],
  [
    'a blank map that is zero',
    blank(['bn1'], 0),
    'blank-cams',
    /^gradcam shows nothing for 1 of 46 layers\.$/,
    ['bn1'],
  ],
];

for (const [name, change, code, message = /./, concerned = []] of rows)
  test(`${name}: ${code ?? 'no warning'}`, () => {
    const found = warningsOf(change);
    assert.deepEqual(
      found.map((warning) => [warning.code, warning.layers]),
      code === null ? [] : [[code, concerned]],
    );
    if (found[0] !== undefined) assert.match(found[0].message, message);
  });

test('steps that keep the aspect stretch nothing', () => {
  const whole = detection({ crop: { ...base.detection.crop, mode: 'whole', box: [0, 0, 600, 400] } });
  assert.deepEqual(warningsOf(whole, { x: 0.95, y: 0.95 }), []);
  const cut = detection({ crop: { ...base.detection.crop, clamped: true, box: [0, 0, 110, 90] } });
  assert.deepEqual(
    warningsOf(cut, { x: 4.2, y: 4.2 }).map(({ message }) => message),
    ['The image border cut the crop short, to 110x90 px (WxH).'],
  );
});

test('a map of one pixel has nowhere to point: no warning', () => {
  const change = layers(({ name, heatmaps }) =>
    name === 'avg_pool'
      ? { health: ['single-pixel'], heatmaps: heatmaps.map((map) => ({ ...map, blank: true })) }
      : {},
  );
  assert.deepEqual(warningsOf(change), []);
});

test('what was lost while decoding comes first', () => {
  const note = { code: 'alpha-dropped', message: 'Transparency was laid over black.' } as const;
  const [first] = computeWarnings({ ...base, model: { ...base.model, untrained: true } }, [note]);
  assert.deepEqual(first, { ...note, layers: [] });
});

test('no lens warns of values that every 8-bit picture can have', () => {
  for (const id of builtInLenses()) {
    const { preprocess, range: expectedRange } = readyLens(id);
    if (preprocess.some(({ step }) => step === 'wavelet')) continue;
    assert.ok(expectedRange);
    const context = { input: { width: 2, height: 1 }, kernels: new Kernels() };
    const reached = [0, 255].flatMap((level) => {
      const pixels = pixelsOf({ width: 2, height: 1, data: new Uint8Array(6).fill(level) });
      const { data } = runSteps(pixels, preprocess, context).tensor;
      return [least(data), greatest(data)];
    });
    assert.deepEqual(warningsOf(tensor(Math.min(...reached), Math.max(...reached), expectedRange)), [], id);
  }
});
