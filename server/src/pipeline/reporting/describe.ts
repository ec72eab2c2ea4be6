/** The report's words and numbers: each is computed here once, and only rendered elsewhere. */
import type { AnalysisOptions } from '../../../../protocol/analysis';
import type { LensReport } from '../../../../protocol/lens';
import type { Report, TargetReport } from '../../../../protocol/report';
import type { Subject } from '../../../../protocol/subject';
import { subjectOf } from '../../../../protocol/subject';
import { UNDECIDED } from '../../../../protocol/report';
import { imagingVersions } from '../../imaging/versions';
import { placeIn } from '../../lens/not-taken';
import { describeOptions } from '../../report/options';
import { reportPaths, subjectPaths } from '../../report/paths';
import { timestamp } from '../../report/process-id';
import { runtimeVersion } from '../../runtime/devices';
import { projectVersion } from '../../system/paths';
import type { Analysis } from '../analysis';
import { askedBy, classifierKind, describeActivation, THRESHOLD } from '../network/activation';
import { classify, labelAt, labelsAbove } from '../network/classify';
import { rangeOf, real } from '../steps/tensor';
import { describePrecision } from './precision';
import { computeWarnings } from './warnings';
import { scaleOf } from '../steps/placement';
import { pooled } from '../steps/statistics';
import type { ChannelName } from '../steps/step';
import { describeWavelet, waveletRun } from '../steps/wavelet/report';
import { threadCount } from '../workbench/placement';

/** The part of the report that the panel shows before the layers' pictures. */
export type Head = Pick<
  Report,
  'device' | 'model' | 'input' | 'detection' | 'preprocess' | 'target' | 'methods' | 'classifier'
>;

export function describeHead(analysis: Analysis): Head {
  const classifier = describeClassifier(analysis);
  return {
    device: describeDevice(analysis.device, analysis.options, analysis.placement),
    model: describeModel(analysis),
    input: describeInput(analysis.decoded, analysis.imagePath, subjectOfRun(analysis)),
    detection: describeDetection(analysis),
    preprocess: analysis.preprocess,
    target: describeTarget(analysis, classifier.predicted.index !== null),
    methods: analysis.lens.methods,
    classifier,
  };
}

/** @param placement null until the network has run, and where only the CPU could run it */
export function describeDevice(
  device: Analysis['device'],
  { threads }: Pick<AnalysisOptions, 'threads'>,
  placement: Analysis['placement'],
): Report['device'] {
  return {
    ...device,
    threads: threadCount(threads),
    ...(placement === null ? {} : { placement }),
  };
}

export function describeInput(
  decoded: Analysis['decoded'],
  imagePath: string,
  subject: Subject,
): Report['input'] {
  const { edit } = decoded;
  const { sha256, bytes, format, width, height, exifOrientation, bitDepth, colorSpace, hadAlpha, frames } =
    decoded;
  return {
    path: imagePath,
    ...{ sha256, bytes, format, width, height, exifOrientation, bitDepth, colorSpace, hadAlpha, frames },
    pictures: {
      original: reportPaths.original,
      overlay: edit !== null && subject === 'picture' ? reportPaths.edited : subjectPaths[subject].overlay,
    },
    ...(edit === null
      ? {}
      : { edited: { strokes: edit.strokes, pixels: edit.pixels, picture: reportPaths.edited } }),
  };
}

export const subjectOfRun = ({ detection, prepared }: Pick<Analysis, 'detection' | 'prepared'>): Subject =>
  subjectOf(detection.detector.id, waveletRun(prepared.recorded) !== null);

export function describeDetection({
  detection,
  crop,
  mask,
  prepared,
  options,
}: Pick<Analysis, 'detection' | 'crop' | 'mask' | 'prepared' | 'options'>): Report['detection'] {
  return {
    detector: detection.detector.id,
    description: detection.detector.describe(),
    ...detection.ran,
    maxSize: options.maxSize,
    faces: detection.faces.map(({ landmarks, ...face }) => ({
      ...face,
      landmarks: landmarks?.map(({ x, y }) => [x, y] as const) ?? null,
    })),
    crop: {
      ...{ box: crop.box, size: crop.image.width, clamped: crop.clamped, mode: crop.mode },
      ...(crop.image.height === crop.image.width ? {} : { height: crop.image.height }),
    },
    pictures: {
      crop: subjectPaths[subjectOfRun({ detection, prepared })].crop,
      mask: mask === null ? null : reportPaths.mask,
    },
  };
}

/** Walks over every value of the planes: call it once for each analysis. */
export function describePreprocess(
  prepared: Analysis['prepared'],
  lens: Pick<Analysis['lens'], 'range'>,
): Report['preprocess'] {
  const preprocess = preprocessOf(prepared, lens);
  return { ...preprocess, steps: preprocess.steps.map((step) => ({ ...step })) };
}

/** The same, holding the steps' values, and each step's statistics computed when they are read: of thousands of pictures none are. */
export function preprocessOf(
  { recorded, channels, tensor }: Analysis['prepared'],
  { range }: Pick<Analysis['lens'], 'range'>,
): Report['preprocess'] {
  const wavelet = waveletRun(recorded);
  return {
    steps: recorded.map((step) => ({
      ...{ config: step.config, facts: step.facts, shape: step.shape, type: step.after.type },
      get channels() {
        return step.statistics;
      },
    })),
    wavelet: wavelet === null ? null : describeWavelet(wavelet, channels),
    channelOrder: orderOf(channels),
    tensor: pooled(recorded.at(-1)) ?? rangeOf(tensor.data),
    expectedRange: range,
  };
}

const INITIALS = { red: 'R', green: 'G', blue: 'B', gray: 'gray' } as const;

/** Such as `BGR`. */
const orderOf = (channels: readonly ChannelName[]): string => channels.map((name) => INITIALS[name]).join('');

export function describeModel({
  weights,
  about,
  labels,
  lens,
}: Pick<Analysis, 'weights' | 'about' | 'labels' | 'lens'>): Report['model'] {
  const { layersFound: found } = about;
  const shown = about.explain.outputs.layers.length;
  return {
    name: weights.name,
    path: weights.path,
    sha256: about.sha256,
    architecture: about.architecture,
    parameters: about.parameters,
    untrained: weights.untrained,
    inputShape: about.inputShape,
    labels,
    notes: [...about.notes, ...lens.notes],
    ...(about.checkpoint === null ? {} : { checkpoint: about.checkpoint }),
    ...(shown < found ? { layerSelection: { found, shown } } : {}),
  };
}

/** Without a prediction, `pred` names no class either; the index is that of the differentiated class. */
function describeTarget({ lens, sample, labels }: Analysis, decided: boolean): TargetReport {
  const index = sample.target;
  const requested = lens.target;
  return { requested, index, label: requested === 'pred' && !decided ? UNDECIDED : labelAt(labels, index) };
}

export function describeClassifier({
  sample,
  labels,
  about,
  lens,
}: Pick<Analysis, 'sample' | 'labels' | 'about' | 'lens'>): Report['classifier'] {
  const stated = lens.report.values.find(({ key }) => key === 'output.activation');
  const activation =
    stated === undefined ? about.activation : askedBy(about.activation, placeIn(stated.detail));
  const threshold = lens.threshold ?? THRESHOLD;
  const { probabilities, predicted } = classify(sample, activation, threshold);
  const kind = classifierKind(activation, about.logits);
  const confidence = predicted === null ? undefined : probabilities?.[predicted];
  return {
    labels,
    logits: Array.from(sample.logits, real),
    probabilities,
    predicted: { index: predicted, label: predicted === null ? UNDECIDED : labelAt(labels, predicted) },
    confidence: confidence ?? null,
    kind,
    ...(kind === 'multi' ? { verdict: labelsAbove(probabilities ?? [], labels, threshold) } : {}),
    activation: describeActivation(activation, about.logits, labels, threshold),
    ...(sample.precision === undefined
      ? {}
      : { precision: describePrecision(sample, sample.precision, activation, threshold, labels) }),
  };
}

/** A lens file by its absolute path, as the report may be read elsewhere. */
const namedInFull = (options: AnalysisOptions, { path }: LensReport): AnalysisOptions =>
  options.lens !== null && path !== undefined ? { ...options, lens: path } : options;

/** The whole report. */
export function describeReport(
  analysis: Analysis,
  head: Head,
  parts: Pick<Report, 'processId' | 'layers' | 'timings' | 'notCached' | 'undrawn'>,
): Report {
  const { lens, lensId, decoded, startedAt, options, weights } = analysis;
  const report = {
    version: 2 as const,
    timestamp: timestamp(startedAt),
    pipeline: lensId,
    lens: lens.report,
    software: {
      inferenceLens: projectVersion(),
      node: process.versions.node,
      onnxruntime: runtimeVersion(),
      sharp: imagingVersions().sharp,
      platform: `${process.platform}-${process.arch}`,
    },
    ...head,
    ...parts,
    mapsFile: reportPaths.maps,
    options: describeOptions(namedInFull(options, lens.report), {
      weights: weights.reference,
      detector: head.detection.detector,
      otherwise: lens.detector,
    }),
  };
  return {
    ...report,
    warnings: computeWarnings(
      {
        ...report,
        ...{ borrowed: lens.borrowed, passedOver: lens.passedOver },
        scale: scaleOf(analysis.prepared.placement),
      },
      decoded.notes,
    ),
  };
}
