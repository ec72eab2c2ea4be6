/** report.json as report.md: the reference's sections first, in its own words and order, then what we add. */

import type { EditedReport, FaceReport, Report, WaveletReport } from '../../../protocol/report';
import type { Subject } from '../../../protocol/subject';
import { subjectOf } from '../../../protocol/subject';
import { CAM_METHODS, titlesOf } from '../../../protocol/vocabulary';
import { appendix } from './appendix';
import { escapeInline as text, escapeLineStart as firstCell, linkTarget as link } from './escape';
import { imageStem } from './process-id';
import { fixed4, pythonList, pythonTuple } from './python-format';

/** The whole report.md. Only renders: every number comes from `report`. */
export function reportMarkdown(report: Report): string {
  return `${referenceSections(report)}\n\n${appendix(report)}`;
}

/**
 * The part that has the reference report's form, byte for byte where the values agree; like it, without a line break
 * at the end. Where there is something to warn of, a quote below the title says so: a reader must not miss it.
 */
export function referenceSections(report: Report): string {
  return [
    title(report),
    overview(report),
    inputStep(report),
    detectionStep(report),
    waveletStep(report),
    layersStep(report),
    classifierStep(report),
  ].join('\n\n');
}

function title({ input, warnings }: Report): string {
  const heading = `# Inference Report — ${text(imageStem(input.path))}`;
  if (warnings.length === 0) return heading;
  return `${heading}\n\n${warnings.map(({ message }) => `> **Warning:** ${text(message)}`).join('\n>\n')}`;
}

function overview({ processId, timestamp, device, model, input, target, methods }: Report): string {
  const untrained = model.untrained ? ' (untrained demo weights)' : '';
  const method = titlesOf(CAM_METHODS)[methods[0] ?? 'gradcam'];
  return lines(
    '## Overview',
    `- **Process ID:** ${text(processId)}`,
    `- **Timestamp:** ${text(timestamp)}`,
    `- **Device:** ${text(device.provider)}`,
    `- **Weights:** ${text(model.path ?? model.name)}${untrained}`,
    `- **Input Image:** ${text(input.path)}`,
    `- **${method} target:** ${text(target.label)} (index ${target.index})`,
  );
}

function inputStep(report: Report): string {
  const { input } = report;
  return lines(
    '## Step A — Input Image',
    `- Dimensions: ${input.height}x${input.width} (HxW)`,
    '',
    picture('Original input', input.pictures.original),
    ...(input.edited === undefined ? [] : editedLines(input, input.edited)),
    ...(input.pictures.overlay === (input.edited?.picture ?? input.pictures.original)
      ? []
      : [
          '',
          picture(`${subjectIn(report) === 'face' ? 'Detection' : 'Region'} overlay`, input.pictures.overlay),
        ]),
  );
}

const editedLines = (
  { width, height }: Report['input'],
  { strokes, pixels, picture: path }: EditedReport,
): readonly string[] => [
  '',
  `- **Edited by hand before the analysis:** ${strokes === 1 ? '1 stroke' : `${strokes} strokes`} over ${pixels} of ${width * height} pixels`,
  '',
  picture('Edited input, which was analyzed', path),
];

const subjectIn = ({ detection, preprocess }: Report): Subject =>
  subjectOf(detection.detector, preprocess.wavelet !== null);

function detectionStep(report: Report): string {
  const { detection } = report;
  const shown = (what: string): string => picture(what, detection.pictures.crop);
  const [face] = detection.faces;
  const box = `- Bounding box (x0, y0, x1, y1): ${face === undefined ? 'none' : pythonList(face.box)}`;
  switch (subjectIn(report)) {
    case 'picture':
      return lines('## Step B — Picture', '', shown('Picture as the network sees it'));
    case 'region':
      return lines('## Step B — Region', box, '', shown('Region as the network sees it'));
    case 'face':
      return lines(
        '## Step B — Face Detection',
        box,
        `- Landmarks (x, y): ${landmarks(face)}`,
        '',
        shown('Cropped face'),
      );
  }
}

function landmarks(face: FaceReport | undefined): string {
  if (!face?.landmarks) return 'none';
  const note = face.landmarksEstimated ? ' (mouth corners estimated)' : '';
  return `[${face.landmarks.map(pythonList).join(', ')}]${note}`;
}

function waveletStep(report: Report): string {
  const { detection, preprocess } = report;
  const { wavelet, tensor } = preprocess;
  const before = picture(`Original ${subjectIn(report)}`, detection.pictures.crop);
  const stats = `mean ${fixed4(tensor.mean)}, std ${fixed4(tensor.std)}, min ${fixed4(tensor.min)}, max ${fixed4(tensor.max)}`;
  if (wavelet === null) {
    return lines(
      '## Step C — Preprocessing',
      '',
      subjectIn(report) === 'face'
        ? '- No wavelet step in this pipeline.'
        : `- **Steps:** ${stepsOf(report)}`,
      `- **Input tensor:** ${stats}`,
      '',
      before,
    );
  }
  return lines(
    '## Step C — DWT Preprocessing',
    '',
    `### Wavelet Transform (${text(wavelet.wavelet)}, ${text(wavelet.mode)} mode)`,
    '- Approximation coefficients (cA) blended with original channels: (cA + original) / 2',
    '',
    '### Before DWT (Original Face)',
    before,
    '',
    '### After DWT (Model Input)',
    picture('DWT processed', wavelet.pictures.processed),
    '',
    '### DWT Statistics',
    `- **Blended tensor:** ${stats}`,
    ...wavelet.planes.map(planeLine),
  );
}

const stepsOf = ({ preprocess }: Report): string =>
  preprocess.steps.map(({ config }) => text(config.step)).join(', ') || 'none';

function planeLine({ label, labelColor, mean, std }: WaveletReport['planes'][number]): string {
  return `- **${text(label)} (${text(labelColor)}):** mean ${fixed4(mean)}, std ${fixed4(std)}`;
}

function layersStep({ layers }: Report): string {
  return lines(
    '## Step D — Feature Journey',
    'Layer | Shape | Activation | Heatmap',
    '---|---|---|---',
    ...layers.map(({ name, shape, activation, heatmaps }) =>
      [
        firstCell(name),
        pythonTuple(shape),
        picture('', activation.picture),
        heatmaps[0] === undefined ? '' : picture('', heatmaps[0].picture),
      ].join(' | '),
    ),
  );
}

function classifierStep({ classifier }: Report): string {
  return lines(
    '## Step E — Classifier',
    `- Logits: ${pythonList(classifier.logits)}`,
    `- Probabilities: ${classifier.probabilities === null ? 'none' : pythonList(classifier.probabilities)}`,
    `- Predicted label: **${text(classifier.predicted.label)}**`,
    `- Class confidence: ${classifier.confidence === null ? 'none' : fixed4(classifier.confidence)}`,
    ...floatEquivalent(classifier),
  );
}

/** Of a file that does not compute in float32, what the maps belong to. */
function floatEquivalent({ precision }: Report['classifier']): readonly string[] {
  if (precision === undefined || precision.fileLogits === null) return [];
  const { floatLogits, distance, sameClass } = precision;
  return [
    `- Logits of the float32 equivalent: ${pythonList(floatLogits)}`,
    `- Distance of the logits (relative L2): ${distance === null ? 'none' : Number(distance.toPrecision(3))}`,
    ...(sameClass === false ? ['- **The float32 equivalent decides for another class.**'] : []),
  ];
}

function picture(caption: string, path: string): string {
  return `![${caption}](${link(path)})`;
}

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}
