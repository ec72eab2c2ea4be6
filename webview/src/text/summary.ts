/** A report in a few lines of plain text, for pasting into a chat or an issue. */
import type { Report } from '../../../protocol/report';
import { decimals, percent } from './numbers';
import { deviceTitles, methodTitles } from './words';

export function summary(report: Report): string {
  const { classifier, model, device, target } = report;
  const classes = classifier.labels.map((label, i) => {
    const logit = decimals(classifier.logits[i] ?? 'NaN');
    return `${label} ${percent(classifier.probabilities[i] ?? 'NaN')} (logit ${logit})`;
  });
  const lines = [
    `${report.input.path}: ${classifier.predicted.label} ${percent(classifier.confidence)}`,
    `Classes: ${classes.join(', ')}`,
    `Weights: ${model.path ?? model.name}${model.untrained ? ' (untrained demo weights)' : ''}`,
    `Heatmaps: ${report.methods.map((method) => methodTitles[method]).join(', ')} of ${target.label} (index ${target.index})`,
    `Device: ${deviceTitles[device.provider]}`,
    ...report.warnings.map((warning) => `Warning: ${warning.message}`),
    `Report: ${report.processId}, Inference Lens ${report.software.inferenceLens}`,
  ];
  return lines.join('\n');
}
