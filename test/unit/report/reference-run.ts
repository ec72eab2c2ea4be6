/** The values of the reference report of IMG_5549 as data; what it does not state is filled with plausible values. */

import type { LayerReport, Report } from '../../../protocol/report';
import { layerPaths, reportPaths, subjectPaths, waveletPlanePath } from '../../../server/src/report/paths';
import { fsbiSteps } from '../../support/fsbi-steps';

/** Name and shape of the reference's 44 rows. */
const STAGES: readonly (readonly [blocks: number, channels: number, side: number])[] = [
  [3, 24, 190],
  [5, 40, 95],
  [5, 64, 47],
  [7, 128, 24],
  [7, 176, 24],
  [9, 304, 12],
  [3, 512, 12],
];

function shapes(): (readonly [string, readonly number[]])[] {
  const rows: (readonly [string, readonly number[]])[] = [
    ['conv_stem', [1, 48, 190, 190]],
    ['bn0', [1, 48, 190, 190]],
  ];
  let block = 0;
  for (const [blocks, channels, side] of STAGES) {
    for (let i = 0; i < blocks; i++) {
      rows.push([`block_${String(block++).padStart(2, '0')}`, [1, channels, side, side]]);
    }
  }
  rows.push(
    ['conv_head', [1, 2048, 12, 12]],
    ['bn1', [1, 2048, 12, 12]],
    ['avg_pool', [1, 2048, 1, 1]],
    ['dropout', [1, 2048]],
    ['fc', [1, 2]],
  );
  return rows;
}

const rows = shapes();
const paths = layerPaths(rows.map(([name]) => name));

const layers: readonly LayerReport[] = rows.map(([name, shape], i) => {
  const place = paths[i]!;
  const [, channels = 1, height = 1, width = channels] = shape;
  const slice = { offset: 0, width, height };
  return {
    name,
    folder: place.folder,
    shape,
    operator: 'Conv',
    activation: {
      mean: 0.125,
      std: 0.5,
      min: -1,
      max: 2,
      zeros: 0,
      nan: 0,
      inf: 0,
      picture: place.activation,
      map: slice,
    },
    channelWeights: { offset: 0, width: channels, height: 1 },
    heatmaps: [
      {
        method: 'gradcam',
        picture: place.heatmap('gradcam', true),
        map: slice,
        cam: { mean: 0.01, std: 0.02, min: 0, max: 0.1 },
        negative: 0.5,
        blank: false,
      },
    ],
    health: [],
  };
});

const plane = (
  label: string,
  labelColor: string,
  light: 'red' | 'green' | 'blue',
  mean: number,
  std: number,
) => ({
  label,
  labelColor,
  plane: light,
  mean,
  std,
  picture: waveletPlanePath(labelColor),
});

export const referenceRun: Report = {
  version: 2,
  processId: 'fsbi_inference_IMG_5549_20251201_181244',
  timestamp: '2025-12-01T18:12:54.285053',
  pipeline: 'fsbi',
  software: {
    inferenceLens: '0.1.0',
    node: '20.9.0',
    onnxruntime: '1.30.0',
    sharp: '0.35.5',
    platform: 'linux-x64',
  },
  device: { requested: 'auto', provider: 'cuda', threads: 2, passedOver: [] },
  model: {
    name: 'best_model.tar',
    path: '/app/weights/best_model.tar',
    sha256: 'a'.repeat(64),
    architecture: 'efficientnet_pytorch/b5',
    parameters: 28_344_882,
    untrained: false,
    inputShape: [1, 3, 380, 380],
    labels: ['real', 'fake'],
    notes: [],
  },
  input: {
    path: '/app/input/test/IMG_5549.jpg',
    sha256: 'b'.repeat(64),
    bytes: 123_456,
    format: 'jpeg',
    width: 879,
    height: 1047,
    exifOrientation: 1,
    bitDepth: 8,
    colorSpace: 'srgb',
    hadAlpha: false,
    frames: 1,
    pictures: { original: reportPaths.original, overlay: subjectPaths.face.overlay },
  },
  detection: {
    detector: 'retinaface-resnet50',
    description: 'RetinaFace with a ResNet-50 body.',
    maxSize: null,
    faces: [
      {
        box: [323, 201, 543, 516],
        score: 0.99,
        landmarks: [
          [353, 325],
          [438, 328],
          [363, 388],
          [359, 440],
          [431, 440],
        ],
        landmarksEstimated: false,
      },
    ],
    crop: { box: [244, 169, 622, 547], size: 380, clamped: false, mode: 'square' },
    pictures: { crop: subjectPaths.face.crop, mask: reportPaths.mask },
  },
  preprocess: {
    steps: fsbiSteps,
    wavelet: {
      wavelet: 'sym2',
      mode: 'reflect',
      planes: [
        plane('cA_r', 'red', 'blue', 0.5476, 0.2603),
        plane('cA_g', 'green', 'green', 0.5459, 0.2741),
        plane('cA_b', 'blue', 'red', 0.7357, 0.3535),
      ],
      pictures: { processed: reportPaths.processed },
    },
    channelOrder: 'BGR',
    tensor: { mean: 0.4578, std: 0.2339, min: 0.0794, max: 1.4785 },
    expectedRange: [0, 1.56],
  },
  target: { requested: 'fake', index: 1, label: 'fake' },
  methods: ['gradcam'],
  layers,
  mapsFile: reportPaths.maps,
  classifier: {
    labels: ['real', 'fake'],
    logits: [1.3757920265197754, -1.1783738136291504],
    probabilities: [0.9278528094291687, 0.07214711606502533],
    predicted: { index: 0, label: 'real' },
    confidence: 0.9278528094291687,
  },
  warnings: [],
  timings: [{ step: 'decode', milliseconds: 12.5 }],
};
