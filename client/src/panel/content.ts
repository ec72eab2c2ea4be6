/** What a panel has to show when its page is ready, and what that is after a reload of the window. */
import { packedJson } from '../../../files/packed-json';
import { openReport, type OpenedReport } from '../../../files/report-folder';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Failure, Outcome } from '../../../protocol/failure';
import type { PackedJson } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { Remembered } from './memory';
import { t } from '../l10n';

export type Content =
  | {
      readonly kind: 'analysis';
      readonly image: string;
      readonly options: Partial<AnalysisOptions>;
    }
  /** `failure`: of a run after it, which stood there when the window was reloaded */
  | { readonly kind: 'report'; readonly folder: string; readonly failure?: Failure | null }
  /** The window was reloaded before the image's first report was there; `failure` says how its run had ended, if it had. */
  | { readonly kind: 'interrupted'; readonly image: string; readonly failure: Failure | null }
  | { readonly kind: 'empty'; readonly reason: string };

/** Reads reports, and makes of each what its page gets. */
export class ReportReader {
  private last: OpenedReport | null = null;

  async read(folder: string): Promise<Outcome<Report>> {
    const opened = await openReport(folder);
    if (!opened.ok) return opened;
    this.last = opened.value;
    return { ok: true, value: opened.value.report };
  }

  json(report: Report): Promise<PackedJson> | PackedJson {
    const { last } = this;
    this.last = null;
    return last?.report === report ? last.json : packedJson(Buffer.from(JSON.stringify(report)));
  }
}

export function revivedContent({ image, folder, failure }: Remembered): Content {
  if (folder !== null) return { kind: 'report', folder, failure };
  if (image !== null) return { kind: 'interrupted', image, failure };
  return { kind: 'empty', reason: t('The window was reloaded before there was a report.') };
}

/** A run that ended with its window. */
export const stopped = (): Failure => ({
  kind: 'cancelled',
  code: 'cancelled',
  message: t('Cancelled.'),
  fix: null,
});

/** A bug of ours. */
export const broken = (message: string): Failure => ({
  kind: 'internal',
  code: 'internal',
  message,
  fix: null,
});
