/** What the parts of the extension share; made once when it is activated. */
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { Analyzer } from './report/analyzer';
import type { Connection } from './server/connection';
import type { DeletedReports } from './reports/aside';
import type { History } from './reports/history';
import type { ReportsView } from './reports/reportsView';
import type { ShownReports } from './reports/shown';
import type { ReportStorage } from './reports/storage';
import type { LastReport } from './report/lastReport';

export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly connection: Connection;
  readonly analyzer: Analyzer;
  readonly lastReport: LastReport;
  readonly history: History;
  readonly storage: ReportStorage;
  readonly reports: ReportsView;
  readonly deleted: DeletedReports;
  readonly shown: ShownReports;
}
