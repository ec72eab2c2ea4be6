/** What report.md has beyond the reference's sections: warnings, masks, all layers in numbers, provenance, timings. */

import type {
  CamMethod,
  LayerReport,
  PlacementReport,
  Real,
  Report,
  WaveletReport,
} from '../../../protocol/report';
import { subjectOf } from '../../../protocol/subject';
import { escapeInline as text, escapeLineStart as firstCell, linkTarget as link } from './escape';
import { lensSection } from './lens-section';
import { fixed4, pythonRepr } from './python-format';

/** Ends with a line break. Sections that would be empty are left out. */
export function appendix(report: Report): string {
  const sections = [
    warningsSection(report),
    pictures(report),
    steps(report),
    numbers(report),
    otherMethods(report),
    lensSection(report),
    provenance(report),
    timings(report),
  ];
  return `${sections.filter((section) => section !== null).join('\n\n')}\n`;
}

function warningsSection({ warnings }: Report): string | null {
  if (warnings.length === 0) return null;
  const items = warnings.map(({ code, message, layers }) => {
    const where = layers.length === 0 ? '' : ` (${layers.map(text).join(', ')})`;
    return `- **${text(code)}:** ${text(message)}${where}`;
  });
  return ['## Warnings', ...items].join('\n');
}

function pictures({ detection, preprocess: { wavelet } }: Report): string | null {
  const mask = detection.pictures.mask;
  const parts = [
    ...(mask === null ? [] : [`![Face mask](${link(mask)})`]),
    ...(wavelet === null ? [] : wavelet.planes.map(planePicture)),
  ];
  return parts.length === 0 ? null : ['## More Pictures', ...parts].join('\n\n');
}

/** The reference names the planes after their position; where the light is of another color, say so. */
function planePicture({ label, labelColor, plane, picture }: WaveletReport['planes'][number]): string {
  const origin = plane === labelColor ? plane : `${labelColor} by position, ${plane} plane of the image`;
  return `![${text(`${label}: ${origin}`)}](${link(picture)})\n\n${text(label)}: ${text(origin)}`;
}

/** The flight recorder: what every step made of the picture. */
function steps({ preprocess: { steps: recorded } }: Report): string | null {
  if (recorded.length === 0) return null;
  return [
    '## Preprocessing Steps',
    'Step | Parameters | Channels x Height x Width | Type | Channel | Mean | Std | Min | Max',
    '--:|---|---|---|---|--:|--:|--:|--:',
    ...recorded.flatMap(({ config: { step, ...parameters }, shape, type, channels }, index) =>
      channels.map(({ channel, mean, std, min, max }, row) =>
        [
          ...(row === 0
            ? [`${index + 1} ${text(step)}`, parameterText(parameters), shape.join(' x '), type]
            : ['', '', '', '']),
          text(channel),
          ...[mean, std, min, max].map(short),
        ].join(' | '),
      ),
    ),
  ].join('\n');
}

/** Such as `fit exact, filter bilinear`. */
const parameterText = (parameters: object): string =>
  Object.entries(parameters)
    .map(([name, value]) => text(`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`))
    .join(', ');

function numbers({ layers, methods }: Report): string {
  const method = methods[0] ?? 'gradcam';
  return [
    '## Layers in Numbers',
    `Layer | Operator | Mean | Std | Min | Max | Zeros | CAM min | CAM max | CAM mean | Negative | Health`,
    '---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---',
    ...layers.map((layer) => numberRow(layer, method)),
  ].join('\n');
}

function numberRow({ name, operator, activation, heatmaps, health }: LayerReport, method: CamMethod): string {
  const heat = heatmaps.find((h) => h.method === method);
  const cam =
    heat === undefined
      ? ['', '', '', '']
      : [heat.cam.min, heat.cam.max, heat.cam.mean, heat.negative].map(short);
  return [
    firstCell(name),
    text(operator),
    ...[activation.mean, activation.std, activation.min, activation.max, activation.zeros].map(short),
    ...cam,
    health.join(', '),
  ].join(' | ');
}

/** Four significant digits: columns must be read, not computed with; report.json has all of them. */
function short(value: Real): string {
  const number = Number(value);
  return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : pythonRepr(value);
}

function otherMethods({ layers, methods }: Report): string | null {
  const others = methods.slice(1);
  if (others.length === 0) return null;
  return [
    '## Other Methods',
    ['Layer', ...others].join(' | '),
    ['---', ...others.map(() => '---')].join('|'),
    ...layers.map(({ name, heatmaps }) =>
      [
        firstCell(name),
        ...others.map((method) => {
          const heat = heatmaps.find((h) => h.method === method);
          return heat === undefined ? '' : `![](${link(heat.picture)})`;
        }),
      ].join(' | '),
    ),
  ].join('\n');
}

function provenance(report: Report): string {
  const { software, device, model, input, detection, preprocess, classifier } = report;
  const faces = detection.faces.length;
  const doubted = detection.faces.filter(({ doubt }) => doubt !== undefined).length;
  const score = detection.faces[0]?.score ?? null;
  const [x0, y0, x1, y1] = detection.crop.box;
  const networkSize = `${detection.crop.size}x${detection.crop.height ?? detection.crop.size}`;
  const subject = subjectOf(detection.detector, preprocess.wavelet !== null);
  const { expectedRange, channelOrder } = preprocess;
  const items: readonly (readonly [string, string])[] = [
    ['Model', `${model.name}, ${model.architecture}, ${model.parameters} parameters`],
    ['Model SHA-256', model.sha256],
    ...(classifier.activation === undefined ? [] : [['Outputs', classifier.activation.description] as const]),
    ...(classifier.precision === undefined
      ? []
      : [['Arithmetic', classifier.precision.description] as const]),
    ...(model.checkpoint === undefined ? [] : [['Read as', model.checkpoint.readAs] as const]),
    ...model.notes.map((note) => ['Model note', note] as const),
    ['Image SHA-256', input.sha256],
    [
      'Image file',
      `${input.format}, ${input.bytes} bytes, ${input.bitDepth} bit, ${input.colorSpace}, ` +
        `EXIF orientation ${input.exifOrientation}, ${input.hadAlpha ? 'with' : 'without'} alpha, ` +
        `${input.frames} ${input.frames === 1 ? 'frame' : 'frames'}`,
    ],
    ['Detector', `${detection.detector}: ${detection.description}`],
    ...detectorDevice(report),
    ...(detection.detector === 'none' || subject === 'region'
      ? []
      : [
          [
            'Faces found',
            `${faces}${doubted === 0 ? '' : ` (${doubted} in doubt)`}${score === null ? '' : `, score ${fixed4(score)}`}`,
          ] as const,
        ]),
    subject === 'picture'
      ? ['Picture', `all of it, brought to ${networkSize} pixels (WxH)`]
      : ['Crop (x0, y0, x1, y1)', `${x0}, ${y0}, ${x1}, ${y1}, scaled to ${networkSize}`],
    ['Channel order', channelOrder],
    ...(expectedRange === null
      ? []
      : [['Range in training', `${expectedRange[0]} to ${expectedRange[1]}`] as const]),
    ['Device', `${device.provider}, ${device.threads} threads, requested ${device.requested}`],
    ...device.passedOver.map(
      ({ provider, reason }) => ['Device passed over', `${provider}: ${reason}`] as const,
    ),
    ...(device.placement !== undefined && device.placement.providers.length > 1
      ? [['Nodes by device', placementText(device.placement)] as const]
      : []),
    [
      'Software',
      `Inference Lens ${software.inferenceLens}, onnxruntime ${software.onnxruntime}, sharp ${software.sharp}, ` +
        `Node ${software.node}, ${software.platform}`,
    ],
  ];
  return ['## Provenance', ...items.map(([name, value]) => `- **${name}:** ${text(value)}`)].join('\n');
}

/** Shown where anything but the CPU ran: the detector may run elsewhere than the classifier. */
function detectorDevice({ device, detection }: Report): readonly (readonly [string, string])[] {
  const ran = detection.device;
  if (ran === undefined || (ran.provider === 'cpu' && device.provider === 'cpu')) return [];
  const { placement } = ran;
  return [
    ['Detector device', ran.provider],
    ...(placement !== undefined && placement.providers.length > 1
      ? [["Detector's nodes by device", placementText(placement)] as const]
      : []),
  ];
}

/** Such as `webgpu 1299, cpu 4 (Equal 1, Less 1, Reshape 1, Where 1); 2 copies of together 10 bytes between them`. */
function placementText({ providers, onCpu, copies }: PlacementReport): string {
  const operators = onCpu.map(({ operator, nodes }) => `${operator} ${nodes}`).join(', ');
  const counts = providers.map(({ provider, nodes }) =>
    provider === 'cpu' && operators !== '' ? `cpu ${nodes} (${operators})` : `${provider} ${nodes}`,
  );
  return `${counts.join(', ')}; ${copies.nodes} copies of together ${copies.bytes} bytes between them`;
}

function timings({ timings: steps }: Report): string | null {
  if (steps.length === 0) return null;
  return [
    '## Timings',
    'Step | ms',
    '---|--:',
    ...steps.map(({ step, milliseconds }) => `${firstCell(step)} | ${milliseconds.toFixed(1)}`),
  ].join('\n');
}
