/** Generated from report.schema.json by scripts/report-check.mjs; change the schema, not this file. */
import { anything, boolean, either, list, number, object, oneOf, text, wordsOf, type Check } from './check';

const lens = object(
  {
    name: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    values: list(
      object(
        {
          key: oneOf(
            ...wordsOf(`labels detector.use detector.crop preprocess input.layout input.type input.size input.range output.name
    output.activation output.threshold target layers methods`),
          ),
          value: anything,
          origin: oneOf(
            ...wordsOf(`graph option lens beside store metadata files architecture guess default`),
          ),
          detail: text(),
        },
        { others: list(text(), { least: 1 }) },
      ),
    ),
  },
  { path: text('a non-empty string', new RegExp('^[^]{1,}$')) },
);
const real = either(number(), oneOf('NaN', 'Infinity', '-Infinity'));
const share = either(number({ least: 0, most: 1 }), oneOf('NaN', 'Infinity', '-Infinity'));
const relativePath = text(
  "a path below the report's folder",
  new RegExp('^(?!/)(?!.*(^|/)\\.\\.?(/|$))[^\\\\]+$'),
);
const box = list(number(), { least: 4, most: 4 });
const point = list(number(), { least: 2, most: 2 });
const camMethod = oneOf('gradcam', 'gradcam++', 'xgradcam', 'hirescam', 'layercam', 'elementwise');
const deviceName = oneOf('cuda', 'coreml', 'directml', 'webgpu', 'cpu');
const range = object({ mean: real, std: real, min: real, max: real });
const mapSlice = object({
  offset: number({ whole: true, least: 0, multipleOf: 4 }),
  width: number({ whole: true, least: 1 }),
  height: number({ whole: true, least: 1 }),
});
const software = object({
  inferenceLens: text(),
  node: text(),
  onnxruntime: text(),
  sharp: text(),
  platform: text(),
});
const placement = object({
  providers: list(object({ provider: deviceName, nodes: number({ whole: true, least: 1 }) })),
  onCpu: list(
    object({
      operator: text(),
      nodes: number({ whole: true, least: 1 }),
      bytes: number({ whole: true, least: 0 }),
    }),
  ),
  copies: object({ nodes: number({ whole: true, least: 0 }), bytes: number({ whole: true, least: 0 }) }),
});
const device = object(
  {
    requested: either(deviceName, oneOf('auto')),
    provider: deviceName,
    threads: number({ whole: true, least: 0 }),
    passedOver: list(object({ provider: deviceName, reason: text(), present: boolean })),
  },
  { placement: placement },
);
const model = object(
  {
    name: text(),
    path: either(text(), oneOf(null)),
    sha256: text('64 digits of hexadecimal', new RegExp('^[0-9a-f]{64}$')),
    architecture: text(),
    parameters: number({ whole: true, least: 0 }),
    untrained: boolean,
    inputShape: list(number({ whole: true, least: 0 })),
    labels: list(text()),
    notes: list(text()),
  },
  {
    layerSelection: object({
      found: number({ whole: true, least: 1 }),
      shown: number({ whole: true, least: 1 }),
    }),
    checkpoint: object({
      requestedStateDict: either(text(), oneOf(null)),
      stateDict: text(),
      otherStateDicts: list(text()),
      renamedHead: either(text(), oneOf(null)),
      leftAside: list(text()),
      unknownNames: list(text()),
      readAs: text(),
      twins: list(text()),
    }),
  },
);
const input = object(
  {
    path: text(),
    sha256: text('64 digits of hexadecimal', new RegExp('^[0-9a-f]{64}$')),
    bytes: number({ whole: true, least: 1 }),
    format: text(),
    width: number({ whole: true, least: 1 }),
    height: number({ whole: true, least: 1 }),
    exifOrientation: number({ whole: true, least: 1, most: 8 }),
    bitDepth: number({ whole: true, least: 1 }),
    colorSpace: text(),
    hadAlpha: boolean,
    frames: number({ whole: true, least: 1 }),
    pictures: object({ original: relativePath, overlay: relativePath }),
  },
  {
    edited: object({
      strokes: number({ whole: true, least: 1 }),
      pixels: number({ whole: true, least: 0 }),
      picture: relativePath,
    }),
  },
);
const face = object(
  {
    box: box,
    score: either(number({ least: 0, most: 1 }), oneOf(null)),
    landmarks: either(list(point), oneOf(null)),
    landmarksEstimated: boolean,
  },
  { doubt: oneOf('unseen', 'beyond-anchors') },
);
const detection = object(
  {
    detector: oneOf('blazeface', 'retinaface-resnet50', 'retinaface-mobilenet0.25', 'none', 'box'),
    description: text(),
    maxSize: either(number({ whole: true, least: 1 }), oneOf(null)),
    faces: list(face, { least: 1 }),
    crop: object(
      {
        box: box,
        size: number({ whole: true, least: 1 }),
        mode: oneOf('square', 'sbi', 'whole'),
        clamped: boolean,
      },
      { height: number({ whole: true, least: 1 }) },
    ),
    pictures: object({ crop: relativePath, mask: either(relativePath, oneOf(null)) }),
  },
  { device: object({ provider: deviceName }, { placement: placement }) },
);
const wavelet = object({
  wavelet: text(),
  mode: text(),
  planes: list(
    object({
      mean: real,
      std: real,
      label: text(),
      labelColor: text(),
      plane: oneOf('red', 'green', 'blue'),
      picture: relativePath,
    }),
  ),
  pictures: object({ processed: relativePath }),
});
const step = object({
  config: object({ step: text() }),
  facts: list(object({ label: text(), value: text() })),
  shape: list(number({ whole: true, least: 0 }), { least: 3, most: 3 }),
  type: oneOf('uint8', 'float32'),
  channels: list(object({ channel: text(), mean: real, std: real, min: real, max: real })),
});
const preprocess = object({
  steps: list(step),
  wavelet: either(wavelet, oneOf(null)),
  channelOrder: text(),
  tensor: range,
  expectedRange: either(list(number(), { least: 2, most: 2 }), oneOf(null)),
});
const target = object({ requested: text(), index: number({ whole: true, least: 0 }), label: text() });
const heatmap = object({
  method: camMethod,
  picture: relativePath,
  map: mapSlice,
  cam: range,
  negative: share,
  blank: boolean,
});
const layer = object(
  {
    name: text(),
    folder: relativePath,
    shape: list(number({ whole: true, least: 0 }), { least: 1 }),
    operator: text(),
    activation: object({
      mean: real,
      std: real,
      min: real,
      max: real,
      zeros: share,
      nan: number({ whole: true, least: 0 }),
      inf: number({ whole: true, least: 0 }),
      picture: relativePath,
      map: mapSlice,
    }),
    channelWeights: mapSlice,
    heatmaps: list(heatmap),
    health: list(oneOf('nan', 'inf', 'dead', 'constant', 'blank-cam', 'single-pixel'), { unique: true }),
  },
  {
    grid: object({
      height: number({ whole: true, least: 1 }),
      width: number({ whole: true, least: 1 }),
      skipped: number({ whole: true, least: 0 }),
    }),
    source: text(),
    unexplained: text(),
  },
);
const activation = object({
  kind: oneOf('softmax', 'sigmoid', 'none'),
  origin: oneOf('graph', 'measured', 'architecture', 'assumed', 'option'),
  multiLabel: boolean,
  threshold: either(number({ least: 0, most: 1 }), oneOf(null)),
  description: text(),
});
const precision = object(
  {
    kind: oneOf('float16', 'quantized'),
    fileLogits: either(list(real), oneOf(null)),
    floatLogits: list(real),
    distance: either(number({ least: 0 }), oneOf(null)),
    sameClass: either(boolean, oneOf(null)),
    description: text(),
  },
  {
    beyondRange: object({
      tensors: number({ whole: true, least: 0 }),
      of: number({ whole: true, least: 1 }),
      most: either(object({ tensor: text(), share: number({ least: 0, most: 1 }) }), oneOf(null)),
    }),
  },
);
const classifier = object(
  {
    labels: list(text()),
    logits: list(real),
    probabilities: either(list(share), oneOf(null)),
    predicted: object({ index: either(number({ whole: true, least: 0 }), oneOf(null)), label: text() }),
    confidence: either(share, oneOf(null)),
  },
  {
    kind: oneOf('single', 'binary', 'multi'),
    verdict: list(object({ index: number({ whole: true, least: 0 }), label: text(), probability: share })),
    activation: activation,
    precision: precision,
  },
);
const warning = object({
  code: oneOf(
    ...wordsOf(`edited-by-hand untrained-weights estimated-landmarks no-landmarks small-face crop-clamped stretched
    normalized-twice not-rescaled scale-doubt channel-order-doubt not-antialiased value-range blank-cams
    non-finite several-faces doubtful-face alpha-dropped first-frame-only color-profile-ignored
    device-fallback partly-on-cpu architecture-assumed read-from-graph undecided target-by-name label-shared
    one-logit multi-label threshold-unused outputs-taken-as-probabilities not-probabilities float-equivalent
    float-equivalent-disagrees pipeline-borrowed lens-guessed not-trusted several-state-dicts renamed-head
    left-aside unknown-names layers-left-out no-gradient not-cached`),
  ),
  message: text(),
  layers: list(text()),
});
const timing = object({ step: text(), milliseconds: number({ least: 0 }) });
const fill = either(
  object({ color: list(number({ whole: true, least: 0, most: 255 }), { least: 3, most: 3 }) }),
  object({ blur: number({ whole: true, least: 1, most: 500 }) }),
);
const stroke = either(
  object({
    line: list(list(number(), { least: 2, most: 2 }), { least: 1 }),
    radius: number({ least: 0.5, most: 10000 }),
    fill: fill,
  }),
  object({ box: box, fill: fill }),
);
const strokes = list(stroke, { least: 1, most: 256 });
const options = object(
  {
    weights: text('a non-empty string', new RegExp('^[^]{1,}$')),
    stateDict: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    architecture: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    pipeline: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    target: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    methods: either(
      list(oneOf('gradcam', 'gradcam++', 'xgradcam', 'hirescam', 'layercam', 'elementwise'), {
        least: 1,
        unique: true,
      }),
      oneOf(null),
    ),
    activation: oneOf('auto', 'softmax', 'sigmoid', 'none', null),
    detector: oneOf('auto', 'retinaface', 'blazeface', 'none'),
    box: either(box, oneOf(null)),
    crop: oneOf('square', 'sbi', null),
    maxSize: either(number({ whole: true, least: 1 }), oneOf(null)),
    device: oneOf('auto', 'cuda', 'coreml', 'directml', 'webgpu', 'cpu'),
    threads: either(number({ whole: true, least: 1 }), oneOf(null)),
  },
  {
    lens: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    layers: either(text('a non-empty string', new RegExp('^[^]{1,}$')), oneOf(null)),
    strokes: either(strokes, oneOf(null)),
  },
);

/** Whether a value has the form of a report. Sizes and counts are another matter: report-bounds.ts. */
export const checkReportForm: Check = object(
  {
    version: oneOf(2),
    processId: text('a non-empty string', new RegExp('^[^]{1,}$')),
    timestamp: text(
      'a time such as 2025-12-01T18:12:54.285053',
      new RegExp('^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}$'),
    ),
    pipeline: text(),
    software: software,
    device: device,
    model: model,
    input: input,
    detection: detection,
    preprocess: preprocess,
    target: target,
    methods: list(camMethod, { least: 1, unique: true }),
    layers: list(layer),
    mapsFile: relativePath,
    classifier: classifier,
    warnings: list(warning),
    timings: list(timing),
  },
  { undrawn: oneOf(true), notCached: list(text()), options: options, lens: lens },
);
