/** What a panel has to show when its page is ready, and what that is after a reload of the window. */
import { openReport } from '../../../files/report-folder';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Failure, Outcome } from '../../../protocol/failure';
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

/** Reads reports, and makes of each what its page gets. One that is to be shown is read, and is ready, while the page loads. */
export class ReportReader {
  private first: Promise<Outcome<Report>> | null;
  private ready: { readonly report: Report; readonly json: ArrayBuffer } | null = null;

  constructor(content: Content) {
    this.first = content.kind === 'report' ? this.readAhead(content.folder) : null;
    this.first?.catch(() => undefined); // until somebody asks
  }

  read(folder: string): Promise<Outcome<Report>> {
    const reading = this.first ?? openReport(folder);
    this.first = null;
    return reading;
  }

  /** JSON in UTF-8. */
  json(report: Report): ArrayBuffer {
    const json = this.ready?.report === report ? this.ready.json : inBytes(report);
    this.ready = null;
    return json;
  }

  private async readAhead(folder: string): Promise<Outcome<Report>> {
    const opened = await openReport(folder);
    if (opened.ok) this.ready = { report: opened.value, json: inBytes(opened.value) };
    return opened;
  }
}

const inBytes = (report: Report): ArrayBuffer => new TextEncoder().encode(JSON.stringify(report)).buffer;

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
