/** Ten lines on the terminal, and one per warning: what the report found and where it is. */
import { join } from 'node:path';
import { firstClassWithLogit } from '../../../protocol/logits';
import { percentage } from '../../../protocol/percentage';
import type { ClassifierReport, Real, Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { lensSummary } from '../../../protocol/lens-words';
import { subjectOf } from '../../../protocol/subject';
import { oneLine } from '../printable';

export const percent = (value: Real): string => (typeof value === 'number' ? percentage(value) : value);

/** `fake, 71.7%`; without a probability where there is none, such as `undecided`. */
export const verdict = ({ predicted, confidence }: ClassifierReport): string =>
  confidence === null ? predicted.label : `${predicted.label}, ${percent(confidence)}`;

/** Of several labels: those above the threshold, or the most probable one, which is not. */
const severalLabels = (classifier: ClassifierReport): string => {
  const above = (classifier.verdict ?? []).slice(0, MOST_LABELS);
  const more = (classifier.verdict?.length ?? 0) - above.length;
  const threshold = classifier.activation?.threshold ?? 0.5;
  if (above.length === 0)
    return `none of the labels above ${threshold}; the most probable is ${verdict(classifier)}`;
  const named = above.map(({ label, probability }) => `${label} ${percent(probability)}`).join(', ');
  return `${named}${more > 0 ? ` and ${more} more` : ''}, the labels above ${threshold}`;
};

/** On one line. */
const MOST_LABELS = 8;

const decimals = (value: Real): string => (typeof value === 'number' ? value.toFixed(4) : value);

const edited = ({ edited: edit }: Report['input']): string =>
  edit === undefined
    ? ''
    : `, edited by hand: ${edit.strokes === 1 ? '1 stroke' : `${edit.strokes} strokes`}`;

export function summary({ folder, report }: FinishedReport): string {
  const { input, model, device, target, classifier, layers, warnings } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['image', `${input.path} (${input.width}x${input.height} ${input.format}${edited(input)})`],
    ...looking(report),
    ['model', `${model.name}, ${model.architecture}${model.untrained ? ' (untrained demo weights)' : ''}`],
    ...(report.lens === undefined ? [] : [['lens', lensSummary(report.lens)] as const]),
    ...(model.checkpoint === undefined ? [] : [['read as', readAs(report)] as const]),
    ['device', `${device.provider}, ${totalTime(report)} s`],
    ['verdict', classifier.verdict === undefined ? verdict(classifier) : severalLabels(classifier)],
    ['logits', leadingLogits(classifier)],
    ...floatLogits(report),
    [
      'layers',
      `${layers.length}, ${report.methods.join(', ')} of the logit of ${target.label} (index ${target.index})`,
    ],
    ...(warnings.length === 0 ? [['warnings', 'none'] as const] : []),
    ...warnings.map(({ message }) => ['warning', message] as const),
    ['report', join(folder, 'report.md')],
  ];
  return rows.map(([name, text]) => `${name.padEnd(9)} ${oneLine(text)}\n`).join('');
}

/** Where the network looked, and at what size. */
function looking(report: Report): readonly (readonly [string, string])[] {
  const { detection, preprocess } = report;
  const { box, size, height = size } = detection.crop;
  const steps = preprocess.steps.map(({ config }) => config.step).join(', ');
  const crop = ['crop', `[${box.join(', ')}] -> ${size}x${height}`] as const;
  switch (subjectOf(detection.detector, preprocess.wavelet !== null)) {
    case 'picture':
      return [['picture', `all of it -> ${size}x${height} by ${steps}`]];
    case 'region':
      return [crop];
    case 'face':
      return detection.detector === 'none' ? [crop] : [['face', face(report)], crop];
  }
}

/** The first sentence, and the other networks by their ids: how they differ is in the report. */
function readAs({ model: { checkpoint } }: Report): string {
  const { readAs: sentences = '', twins = [] } = checkpoint ?? {};
  const first = sentences.slice(0, sentences.indexOf('. ') + 1) || sentences;
  return `${first.replace(/^Read as /, '')}${twins.length > 0 ? ` It could also be ${twins.join(', ')}.` : ''}`;
}

/** Those of the float32 equivalent, of a file that computes otherwise. */
function floatLogits({ classifier: { labels, precision } }: Report): readonly (readonly [string, string])[] {
  if (precision === undefined || precision.fileLogits === null) return [];
  const { floatLogits: logits, distance, sameClass } = precision;
  const apart = distance === null ? '' : `; ${Number(distance.toPrecision(3))} apart`;
  const other = sameClass === false ? ', and they predict another class' : '';
  return [['float32', `${leadingLogits({ labels, logits })}${apart}${other}`]];
}

/** All of a few classes; of many, the four largest. */
function leadingLogits({ labels, logits }: Pick<Report['classifier'], 'labels' | 'logits'>): string {
  const first = firstClassWithLogit({ labels, logits });
  const all = logits.map((value, at) => ({ value, label: labels[first + at] ?? String(first + at) }));
  const largest = all.toSorted((a, b) => Number(b.value) - Number(a.value)).slice(0, 4);
  const shown = all.length <= 4 ? all : largest;
  const rest = all.length - shown.length;
  return (
    shown.map(({ value, label }) => `${label} ${decimals(value)}`).join(', ') +
    (rest > 0 ? `, ${rest} more` : '')
  );
}

function face({ detection: { faces, detector } }: Report): string {
  const [first] = faces;
  if (first === undefined) return 'none';
  const box = `[${first.box.map((v) => Math.round(v)).join(', ')}]`;
  return `${box} by ${detector}${first.score === null ? '' : `, score ${first.score.toFixed(3)}`}`;
}

const totalTime = ({ timings }: Report): string =>
  (timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(1);
