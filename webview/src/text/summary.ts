/** A report in a few lines of plain text, for pasting into a chat or an issue. */
import type { Report } from '../../../protocol/report';
import { classRows } from './classes';
import { verdictText } from './verdict';
import { decimals, percent } from './numbers';
import { deviceTitles, methodTitles } from './words';

export function summary(report: Report): string {
  const { classifier, model, device, target } = report;
  const classes = classRows(classifier).map(({ label, logit, probability }) =>
    [
      label,
      ...(probability === null ? [] : [percent(probability)]),
      ...(logit === null ? [] : [`(logit ${decimals(logit)})`]),
    ].join(' '),
  );
  const lines = [
    `${report.input.path}: ${verdictText(classifier)}`,
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
