/** A report in a few lines of plain text, for pasting into a chat or an issue: in English, like the report itself. */
import type { Report } from '../../../protocol/report';
import { classRows } from './classes';
import { CAM_METHODS, DEVICES, titlesOf } from '../../../protocol/vocabulary';
import { copiedPercent, decimals } from './numbers';

const methodTitles = titlesOf(CAM_METHODS);
const deviceTitles = titlesOf(DEVICES);

export function summary(report: Report): string {
  const { classifier, model, device, target } = report;
  const classes = classRows(classifier).map(({ label, logit, probability }) =>
    [
      label,
      ...(probability === null ? [] : [copiedPercent(probability)]),
      ...(logit === null ? [] : [`(logit ${decimals(logit)})`]),
    ].join(' '),
  );
  const lines = [
    `${report.input.path}: ${verdict(classifier)}`,
    `Classes: ${classes.join(', ')}`,
    ...(classifier.activation === undefined ? [] : [`Outputs: ${classifier.activation.description}`]),
    ...(classifier.precision === undefined ? [] : [`Arithmetic: ${classifier.precision.description}`]),
    `Weights: ${model.path ?? model.name}${model.untrained ? ' (untrained demo weights)' : ''}`,
    `Heatmaps: ${report.methods.map((method) => methodTitles[method]).join(', ')} of ${target.label} (index ${target.index})`,
    `Device: ${deviceTitles[device.provider]}`,
    ...report.warnings.map((warning) => `Warning: ${warning.message}`),
    `Report: ${report.processId}, Inference Lens ${report.software.inferenceLens}`,
  ];
  return lines.join('\n');
}

const verdict = ({ predicted, confidence }: Report['classifier']): string =>
  confidence === null ? predicted.label : `${predicted.label}, ${copiedPercent(confidence)}`;
