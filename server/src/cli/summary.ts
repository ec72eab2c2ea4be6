/** Ten lines on the terminal: what the report found and where it is. */
import { join } from 'node:path';
import type { Real, Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';

const percent = (value: Real): string => (typeof value === 'number' ? `${(value * 100).toFixed(1)}%` : value);
const decimals = (value: Real): string => (typeof value === 'number' ? value.toFixed(4) : value);

export function summary({ folder, report }: FinishedReport): string {
  const { input, detection, model, device, target, classifier, layers, warnings } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['image', `${input.path} (${input.width}x${input.height} ${input.format})`],
    ['face', face(report)],
    ['crop', `[${detection.crop.box.join(', ')}] -> ${detection.crop.size}x${detection.crop.size}`],
    ['model', `${model.name}, ${model.architecture}${model.untrained ? ' (untrained demo weights)' : ''}`],
    ['device', `${device.provider}, ${totalTime(report)} s`],
    ['verdict', `${classifier.predicted.label}, ${percent(classifier.confidence)}`],
    ['logits', classifier.logits.map((v, i) => `${classifier.labels[i] ?? i} ${decimals(v)}`).join(', ')],
    [
      'layers',
      `${layers.length}, ${report.methods.join(', ')} of the logit of ${target.label} (index ${target.index})`,
    ],
    ['warnings', warnings.length === 0 ? 'none' : warnings.map(({ code }) => code).join(', ')],
    ['report', join(folder, 'report.md')],
  ];
  return rows.map(([name, text]) => `${name.padEnd(9)} ${text}\n`).join('');
}

function face({ detection: { faces, detector } }: Report): string {
  const [first] = faces;
  if (first === undefined) return 'none';
  const box = `[${first.box.map((v) => Math.round(v)).join(', ')}]`;
  return `${box} by ${detector}${first.score === null ? '' : `, score ${first.score.toFixed(3)}`}`;
}

const totalTime = ({ timings }: Report): string =>
  (timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(1);
