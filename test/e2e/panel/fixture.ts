/** A report folder with maps from formulas, for looking at the panel without a model: every file that the panel loads. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { HeatmapReport, LayerReport, MapSlice, Report, WarningReport } from '../../../protocol/report';
import { type FloatMap } from '../../../webview/src/picture/floatMap';
import { efficientNetB5Layers, type NamedShape } from './network';
import { fsbiSteps } from '../../support/fsbi-steps';

const size = 380;
export const portrait = join(process.cwd(), 'samples/portrait.png');

/** Numbers that look like noise and are the same in every run: mulberry32. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A few hills and valleys on a noisy ground. */
function landscape(width: number, height: number, seed: number, scale: number): FloatMap {
  const random = noise(seed);
  const hills = Array.from({ length: 4 }, () => ({
    x: 0.2 + 0.6 * random(),
    y: 0.2 + 0.6 * random(),
    radius: 0.08 + 0.15 * random(),
    height: 1.4 * random() - 0.4,
  }));
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    const [u, v] = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
    const sum = hills.reduce(
      (total, hill) =>
        total + hill.height * Math.exp(-((u - hill.x) ** 2 + (v - hill.y) ** 2) / (2 * hill.radius ** 2)),
      0.15 * (random() - 0.5),
    );
    return scale * sum;
  });
  return { width, height, data };
}

function describe(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance), min: Math.min(...values), max: Math.max(...values) };
}

/** Grows the file of raw maps. */
class MapsFile {
  private readonly parts: Buffer[] = [];
  private length = 0;

  add({ width, height, data }: FloatMap): MapSlice {
    const slice = { offset: this.length, width, height };
    const part = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.parts.push(part);
    this.length += part.length;
    return slice;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export interface FixtureOptions {
  readonly target?: 'fake' | 'real' | 'pred';
  readonly warnings?: readonly WarningReport[];
  readonly image?: string;
}

const untrained: WarningReport = {
  code: 'untrained-weights',
  message: 'These are untrained demo weights: the verdict and the heatmaps say nothing about the image.',
  layers: [],
};

/** Writes the folder and returns the report; the target seeds the maps, so another target has other heatmaps. */
export async function writeFixture(folder: string, options: FixtureOptions = {}): Promise<Report> {
  const { target = 'fake', image = portrait } = options;
  const write = async (path: string, data: Buffer | string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data);
  };
  const { width, height } = await sharp(image).metadata();
  const side = Math.round(0.62 * Math.min(width, height));
  const [x0, y0] = [Math.round((width - side) / 2), Math.round((height - side) * 0.4)];
  const face = sharp(image)
    .removeAlpha()
    .extract({ left: x0, top: y0, width: side, height: side })
    .resize(size, size);
  await write('steps/a_input/original.png', await sharp(image).png().toBuffer());
  await write('steps/a_input/retinaface_overlay.png', await sharp(image).png().toBuffer());
  await write('steps/b_preprocess/cropped_face.png', await face.clone().png().toBuffer());
  const hull = `<svg width="${size}" height="${size}"><rect width="100%" height="100%"/><path fill="white" d="M120 150 260 150 240 270 140 270z"/></svg>`;
  await write('steps/b_preprocess/mask.png', await sharp(Buffer.from(hull)).png().toBuffer());
  await write(
    'steps/b_preprocess/dwt_processed.png',
    await face.clone().blur(1.2).linear(1.15, 8).png().toBuffer(),
  );
  for (const [i, plane] of (['red', 'green', 'blue'] as const).entries()) {
    await write(
      `steps/b_preprocess/dwt_${plane}.png`,
      await face
        .clone()
        .extractChannel((['blue', 'green', 'red'] as const)[i] ?? 'red')
        .blur(1.2)
        .png()
        .toBuffer(),
    );
  }

  const maps = new MapsFile();
  const layers: LayerReport[] = [];
  for (const [index, layer] of efficientNetB5Layers().entries()) {
    layers.push(layerReport(layer, index, target, maps));
  }
  await write('maps.f32', maps.bytes());
  const box = [x0 + side * 0.12, y0 + side * 0.12, x0 + side * 0.88, y0 + side * 0.92] as const;
  const at = (u: number, v: number) => [x0 + u * side, y0 + v * side] as const;
  const report: Report = {
    version: 2,
    processId: 'fsbi_inference_portrait_20251201_181244',
    timestamp: '2025-12-01T18:12:54.285053',
    pipeline: 'fsbi',
    software: {
      inferenceLens: '0.1.0',
      node: '20.20.2',
      onnxruntime: '1.30.0',
      sharp: '0.35.5',
      platform: 'linux-x64',
    },
    device: {
      requested: 'auto',
      provider: 'cpu',
      threads: 2,
      passedOver: [{ provider: 'cuda', present: false, reason: 'no NVIDIA driver was found' }],
    },
    model: {
      name: 'seeded-demo',
      path: null,
      sha256: 'a'.repeat(64),
      architecture: 'efficientnet_pytorch/b5',
      parameters: 28344882,
      untrained: true,
      inputShape: [1, 3, size, size],
      labels: ['real', 'fake'],
      notes: [],
      checkpoint: {
        requestedStateDict: null,
        stateDict: '.',
        otherStateDicts: [],
        renamedHead: null,
        leftAside: [],
        unknownNames: [],
        readAs:
          'Read as efficientnet_pytorch/b5, by names and shapes. Others with the same names and shapes: efficientnet_pytorch/b5+unpadded_stem ' +
          '(does not pad its first convolution).',
        twins: ['efficientnet_pytorch/b5+unpadded_stem'],
      },
    },
    input: {
      path: image,
      sha256: 'b'.repeat(64),
      bytes: 482113,
      format: 'png',
      width,
      height,
      exifOrientation: 1,
      bitDepth: 8,
      colorSpace: 'srgb',
      hadAlpha: false,
      frames: 1,
      pictures: { original: 'steps/a_input/original.png', overlay: 'steps/a_input/retinaface_overlay.png' },
    },
    detection: {
      detector: 'blazeface',
      description: 'BlazeFace full-range, score at least 0.6, suppression at IoU 0.3.',
      maxSize: null,
      faces: [
        {
          box,
          score: 0.934,
          landmarks: [at(0.36, 0.42), at(0.64, 0.42), at(0.5, 0.58), at(0.4, 0.72), at(0.6, 0.72)],
          landmarksEstimated: true,
        },
      ],
      crop: { box: [x0, y0, x0 + side, y0 + side], size, clamped: false, mode: 'square' },
      pictures: { crop: 'steps/b_preprocess/cropped_face.png', mask: 'steps/b_preprocess/mask.png' },
    },
    preprocess: {
      steps: fsbiSteps,
      wavelet: {
        wavelet: 'sym2',
        mode: 'reflect',
        planes: [
          {
            label: 'cA_r',
            labelColor: 'red',
            plane: 'blue',
            picture: 'steps/b_preprocess/dwt_red.png',
            mean: 0.5476,
            std: 0.2603,
          },
          {
            label: 'cA_g',
            labelColor: 'green',
            plane: 'green',
            picture: 'steps/b_preprocess/dwt_green.png',
            mean: 0.5459,
            std: 0.2741,
          },
          {
            label: 'cA_b',
            labelColor: 'blue',
            plane: 'red',
            picture: 'steps/b_preprocess/dwt_blue.png',
            mean: 0.7357,
            std: 0.3535,
          },
        ],
        pictures: { processed: 'steps/b_preprocess/dwt_processed.png' },
      },
      channelOrder: 'BGR',
      tensor: { mean: 0.4578, std: 0.2339, min: 0.0794, max: 1.4785 },
      expectedRange: [0, 1.5],
    },
    target: {
      requested: target,
      index: target === 'fake' ? 1 : 0,
      label: target === 'fake' ? 'fake' : 'real',
    },
    methods: ['gradcam', 'hirescam'],
    layers,
    mapsFile: 'maps.f32',
    classifier: {
      labels: ['real', 'fake'],
      logits: [1.3757920265197754, -1.1783738136291504],
      probabilities: [0.9278528094291687, 0.07214711606502533],
      predicted: { index: 0, label: 'real' },
      confidence: 0.9278528094291687,
    },
    warnings: options.warnings ?? [
      untrained,
      {
        code: 'estimated-landmarks',
        message: 'The mouth corners are estimated: BlazeFace finds only the mouth’s center.',
        layers: [],
      },
      { code: 'blank-cams', message: '1 of 44 heatmaps is empty.', layers: ['block_21'] },
    ],
    timings: [
      { step: 'input', milliseconds: 24 },
      { step: 'detection', milliseconds: 96 },
      { step: 'model', milliseconds: 212 },
      { step: 'explain', milliseconds: 641 },
      { step: 'pictures', milliseconds: 433 },
    ],
  };
  await write('report.md', `# Inference Report — portrait\n`);
  await write('process.log', '');
  await write('report.json', JSON.stringify(report, null, 2));
  return report;
}

function layerReport(
  { name, shape, operator }: NamedShape,
  index: number,
  target: string,
  maps: MapsFile,
): LayerReport {
  const [, channels = 1, height = 1, width = shape.length === 2 ? channels : 1] = shape;
  const seed = 7919 * index + (target === 'fake' ? 1 : 2);
  const activation = landscape(width, height, index, 0.4);
  const folder = `steps/c_layers/${name}`;
  // The panel paints its own from the raw maps: these files are named, and not there.
  const picture = `${folder}/image/activation.png`;
  const blank = name === 'block_21';
  const heatmaps: HeatmapReport[] = [];
  for (const [i, method] of (['gradcam', 'hirescam'] as const).entries()) {
    const cam = landscape(width, height, seed + 104729 * i, blank ? 0 : 10 ** (-1 - index / 12));
    const heatPicture = `${folder}/heatmap/${i === 0 ? 'overlay' : `overlay_${method}`}.png`;
    const positive = cam.data.map((value) => Math.max(value, 0));
    const negative = cam.data.filter((value) => value < 0).length / cam.data.length;
    heatmaps.push({
      method,
      picture: heatPicture,
      map: maps.add(cam),
      cam: describe(positive),
      negative,
      // One value has no range to draw.
      blank: blank || width * height === 1,
    });
  }
  const statistics = describe(activation.data);
  return {
    name,
    folder,
    shape,
    operator,
    activation: { ...statistics, zeros: 0, nan: 0, inf: 0, picture, map: maps.add(activation) },
    channelWeights: maps.add({ width: channels, height: 1, data: new Float32Array(channels) }),
    heatmaps,
    health: [
      ...(blank ? (['blank-cam'] as const) : []),
      ...(width * height === 1 && shape.length === 4 ? (['single-pixel'] as const) : []),
    ],
  };
}
