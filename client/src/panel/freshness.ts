/** Whether a report still matches its image and the settings: checked when it is shown, and again when they change. */
import { dirname, isAbsolute } from 'node:path';
import { RelativePattern, Uri, workspace, type Disposable, type FileSystemWatcher } from 'vscode';
import type { Report } from '../../../protocol/report';
import { staleness } from '../report/staleness';
import { section, settings } from '../settings';

export class Freshness implements Disposable {
  private watcher: FileSystemWatcher | null = null;
  private watched: Report | null = null;
  private readonly configuration: Disposable;

  /** @param changed called with what changed, of the report that is watched */
  constructor(private readonly changed: (reasons: readonly string[]) => void) {
    this.configuration = workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${section}.weights`)) void this.check();
    });
  }

  reasons(report: Report): Promise<readonly string[]> {
    return staleness(report, settings(Uri.file(report.input.path)).weights);
  }

  /** Watches this report instead of the one before. */
  watch(report: Report): void {
    this.watcher?.dispose();
    this.watched = report;
    const image = report.input.path;
    if (!isAbsolute(image)) return;
    this.watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(image)), '*'));
    const check = (uri: Uri) => {
      if (uri.fsPath === image) void this.check();
    };
    this.watcher.onDidChange(check);
    this.watcher.onDidDelete(check);
    this.watcher.onDidCreate(check);
  }

  dispose(): void {
    this.watcher?.dispose();
    this.configuration.dispose();
    this.watched = null;
  }

  private async check(): Promise<void> {
    const report = this.watched;
    if (!report) return;
    const reasons = await this.reasons(report);
    if (this.watched === report) this.changed(reasons);
  }
}
