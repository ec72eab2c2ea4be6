/** Whether a report still matches its image and the settings: checked when it is shown, and again when they change. */
import { dirname, isAbsolute } from 'node:path';
import { RelativePattern, Uri, workspace, type Disposable, type FileSystemWatcher } from 'vscode';
import type { Report } from '../../../protocol/report';
import { staleness, type Stale } from '../report/staleness';
import { t } from '../l10n';
import { current, fileOf, section, settings } from '../settings';

/** Settings that decide what a report says. */
const CHOICES = ['lens', 'detector', 'crop'] as const;
const WATCHED = ['weights', ...CHOICES] as const;

const choices = (): string => JSON.stringify(CHOICES.map((name) => current(name)));

function sentence(stale: Stale): string {
  switch (stale.what) {
    case 'image-changed':
      return t('The image has changed since.');
    case 'image-gone':
      return t('The image is no longer where it was.');
    case 'other-weights':
      return t('The selected weights are now {0}; this report used {1}.', stale.now, stale.used);
  }
}

export class Freshness implements Disposable {
  private watcher: FileSystemWatcher | null = null;
  private watched: Report | null = null;
  /** The choices when the report came into view. */
  private chosen = '';
  private readonly configuration: Disposable;

  /** @param changed called with what changed, of the report that is watched */
  constructor(private readonly changed: (reasons: readonly string[]) => void) {
    this.configuration = workspace.onDidChangeConfiguration((event) => {
      if (WATCHED.some((name) => event.affectsConfiguration(`${section}.${name}`))) void this.check();
    });
  }

  async reasons(report: Report): Promise<readonly string[]> {
    const image = Uri.file(report.input.path);
    const { weights } = settings(image);
    const stale = await staleness(
      report,
      weights === null ? null : { name: weights, path: fileOf(weights, image) },
    );
    const reasons = stale.map(sentence);
    // A report states what was used; whether the settings would give the same is known while it is in view.
    const differs = this.watched === report && choices() !== this.chosen;
    return differs ? [...reasons, t('Lens, face detector or crop are now set differently.')] : reasons;
  }

  /** Watches this report instead of the one before. */
  watch(report: Report): void {
    this.watcher?.dispose();
    this.watched = report;
    this.chosen = choices();
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
