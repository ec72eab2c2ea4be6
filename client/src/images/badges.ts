/** The last verdict of an image as a badge in the Explorer, where the setting asks for it. */
import type { Uri } from 'vscode';
import {
  Disposable,
  EventEmitter,
  FileDecoration,
  window,
  workspace,
  type FileDecorationProvider,
} from 'vscode';
import { SECTION } from '../../../protocol/options';
import type { ReportEntry } from '../reports/entries';
import type { History } from '../reports/history';
import { t } from '../l10n';

const isOn = (): boolean => workspace.getConfiguration(SECTION).get('badges') === 'on';

class Badges implements FileDecorationProvider {
  private readonly changed = new EventEmitter<Uri[] | undefined>();
  readonly onDidChangeFileDecorations = this.changed.event;
  /**
   * The newest report of each image; rebuilt when the history changes, so that a folder of a thousand images
   * only needs lookups.
   */
  private latest: ReadonlyMap<string, ReportEntry> | null = null;

  constructor(private readonly history: History) {}

  renew(): void {
    this.latest = null;
    this.changed.fire(undefined);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== 'file' || !isOn()) return undefined;
    this.latest ??= new Map(
      this.history
        .ofFiles()
        .toReversed()
        .map((entry) => [entry.image, entry]),
    );
    const entry = this.latest.get(uri.fsPath);
    if (entry === undefined) return undefined;
    const from = entry.untrained ? t('{0}, untrained', entry.weights) : entry.weights;
    return new FileDecoration(badgeOf(entry.verdict), `Inference Lens: ${entry.verdict} (${from})`);
  }
}

/** A badge has room for two characters. */
const badgeOf = (verdict: string): string =>
  Array.from(verdict.replace(/^[\W_]+/u, ''))
    .slice(0, 2)
    .join('');

export function showBadges(history: History): Disposable {
  const badges = new Badges(history);
  return Disposable.from(
    window.registerFileDecorationProvider(badges),
    history.onChange(() => badges.renew()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${SECTION}.badges`)) badges.renew();
    }),
  );
}
