/** Opening a report.json shows its report. */
import { basename, dirname } from 'node:path';
import type { CustomDocument, CustomReadonlyEditorProvider, Uri, WebviewPanel } from 'vscode';
import type { Services } from '../services';
import type { ActiveReport } from './active';
import { ReportView } from './reportView';

interface ReportDocument extends CustomDocument {
  /** Absolute path of the report folder. */
  readonly folder: string;
}

export class ReportEditor implements CustomReadonlyEditorProvider<ReportDocument> {
  constructor(
    private readonly services: Services,
    private readonly active: ActiveReport,
  ) {}

  openCustomDocument(uri: Uri): ReportDocument {
    return { uri, folder: dirname(uri.fsPath), dispose: () => undefined };
  }

  resolveCustomEditor({ folder }: ReportDocument, panel: WebviewPanel): void {
    // A new target is written as another report, beside this one's process folder.
    const output = dirname(basename(folder) === 'result' ? dirname(folder) : folder);
    const content = { kind: 'report', folder } as const;
    const view = new ReportView(this.services, panel.webview, [folder, output], content, (report, shown) => {
      void this.services.lastReport.set(report, shown);
      this.services.shown.show(panel, shown);
    });
    this.active.add(panel, view);
    panel.onDidDispose(() => {
      view.dispose();
      this.services.shown.hide(panel);
    });
  }
}
