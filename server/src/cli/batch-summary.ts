/** The results of several images: a line for each, and at the end how many of each label, how many failed, how fast. */
import { join, relative } from 'node:path';
import type { FinishedReport } from '../../../protocol/requests';
import type { LensError } from '../errors';
import { oneLine } from '../printable';
import { duration, imagesPerSecond } from './batch-progress';
import { percent } from './summary';

/** `real 92.8%  photos/a.jpg  ->  out/fsbi_inference_a_20251201_181254/result/report.md` */
export function row(image: string, { folder, report }: FinishedReport): string {
  const { classifier, model } = report;
  const doubt = model.untrained ? ' (untrained)' : '';
  const { predicted, confidence } = classifier;
  const verdict = `${predicted.label}${confidence === null ? '' : ` ${percent(confidence)}`}${doubt}`;
  return `${oneLine(`${verdict}  ${short(image)}  ->  ${short(join(folder, 'report.md'))}`)}\n`;
}

/** Relative to the working directory, if that is shorter. */
function short(path: string): string {
  const way = relative(process.cwd(), path);
  return way !== '' && way.length < path.length ? way : path;
}

/** Only counts: a thousand reports must not stay in memory. */
export class Tally {
  private readonly labels = new Map<string, number>();
  private readonly failures = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private model = '';
  private reports = 0;
  private failed = 0;

  report({ report: { classifier, model, warnings } }: FinishedReport): void {
    this.reports += 1;
    count(this.labels, classifier.predicted.label);
    for (const { code } of warnings) count(this.warnings, code);
    this.model = `${model.name}, ${model.architecture}${model.untrained ? ' (untrained demo weights)' : ''}`;
  }

  failure({ code }: LensError): void {
    this.failed += 1;
    count(this.failures, code);
  }

  /** Images with a report or a failure. */
  get finished(): number {
    return this.reports + this.failed;
  }

  /** @param total images that were given; @param seconds since the start, loading included */
  summary(total: number, seconds: number, output: string): string {
    const { finished } = this;
    const pace = finished > 0 && seconds > 0 ? `, ${imagesPerSecond(finished / seconds)}` : '';
    const rows: readonly (readonly [string, string])[] = [
      ['images', `${finished < total ? `${finished} of ` : ''}${total} in ${duration(seconds)}${pace}`],
      ...(this.reports > 0 ? [['model', this.model] as const] : []),
      ['verdicts', counts(this.labels)],
      ['failed', this.failed === 0 ? 'none' : `${this.failed}: ${counts(this.failures)}`],
      ['warnings', counts(this.warnings)],
      ['reports', this.reports === 0 ? 'none' : output],
    ];
    return rows.map(([name, text]) => `${name.padEnd(9)} ${oneLine(text)}\n`).join('');
  }
}

function count(counted: Map<string, number>, what: string): void {
  counted.set(what, (counted.get(what) ?? 0) + 1);
}

/** `fake 12, real 7`, the most frequent first; of many, the first eight. */
function counts(counted: ReadonlyMap<string, number>): string {
  if (counted.size === 0) return 'none';
  const all = [...counted].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const shown = all.slice(0, 8).map(([what, n]) => `${what} ${n}`);
  const rest = all.slice(8).reduce((sum, [, n]) => sum + n, 0);
  return [...shown, ...(rest > 0 ? [`others ${rest}`] : [])].join(', ');
}
