/** The report panels beside the editor: several at once, found again after a reload. */
import { basename } from 'node:path';
import { EventEmitter, Uri, window, type WebviewPanel } from 'vscode';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Services } from '../services';
import type { ActiveReport } from './active';
import { revivedContent, type Content } from './content';
import { readMemory } from './memory';
import { panelType, reportColumn, tabTitle } from './place';
import { ReportView } from './reportView';
import { t } from '../l10n';
import { supersede } from '../reports/supersede';

interface Open {
  readonly panel: WebviewPanel;
  readonly view: ReportView;
}

export class Panels {
  /** By the image's path: analyzing an image again uses its panel again. */
  private readonly open = new Map<string, Open>();
  /** The panel that follows the selection in the Explorer. */
  private follower: Open | null = null;
  private readonly followerClosed = new EventEmitter<void>();
  readonly onFollowerClosed = this.followerClosed.event;

  constructor(
    private readonly services: Services,
    private readonly active: ActiveReport,
  ) {}

  /** Opens the image's panel, or brings it forward and analyzes again. @param options that differ from the settings */
  async analyze(image: string, options: Partial<AnalysisOptions> = {}): Promise<void> {
    const open = this.open.get(image);
    if (open) {
      open.panel.reveal(undefined, true);
      open.view.analyze(image, options);
      return;
    }
    const output = await this.services.analyzer.outputFolder(image);
    this.attach(this.create(basename(image)), [output], { kind: 'analysis', image, options }, image);
  }

  /** Takes the panel that has the focus, or had it last; the next image opens one where there is none. */
  adoptFollower(): void {
    const { view } = this.active;
    this.follower = [...this.open.values()].find((open) => open.view === view) ?? null;
  }

  releaseFollower(): void {
    this.follower = null;
  }

  /** Shows an image's report in the panel that follows; an image that has a panel of its own is shown there. */
  async follow(image: string): Promise<void> {
    const own = this.open.get(image);
    const { follower } = this;
    if (own !== undefined && own !== follower) {
      own.panel.reveal(undefined, true);
      return;
    }
    if (follower === null) {
      await this.analyze(image);
      this.follower = this.open.get(image) ?? null;
      return;
    }
    for (const [key, open] of this.open) if (open === follower) this.open.delete(key);
    this.open.set(image, follower);
    follower.panel.title = tabTitle(basename(image));
    follower.view.analyze(image, {});
    // The image may have been opened over it.
    follower.panel.reveal(undefined, true);
  }

  /** @param folder absolute path of a report folder; its panel comes forward if it has one */
  show(folder: string, title: string): void {
    const open = this.services.shown.viewOf(folder);
    if (open !== undefined) {
      open.reveal(undefined, true);
      return;
    }
    // Another target's report is written to storage, whose pictures the page may load without starting over.
    const roots = [folder, this.services.storage.root];
    this.attach(this.create(title), roots, { kind: 'report', folder }, null);
  }

  /** Gives a panel of the last session its report back. */
  async revive(panel: WebviewPanel, state: unknown): Promise<void> {
    const memory = readMemory(state);
    const { image, folder } = memory;
    const output = image === null ? [] : [await this.services.analyzer.outputFolder(image)];
    this.attach(panel, folder === null ? output : [...output, folder], revivedContent(memory), image);
  }

  private create(title: string): WebviewPanel {
    const place = { viewColumn: reportColumn(), preserveFocus: true };
    return window.createWebviewPanel(panelType, tabTitle(title), place, { enableFindWidget: true });
  }

  private attach(panel: WebviewPanel, roots: string[], content: Content, image: string | null): void {
    panel.iconPath = Uri.joinPath(this.services.context.extensionUri, 'client', 'media', 'lens.svg');
    const view = new ReportView(this.services, panel.webview, roots, content, (report, folder, before) => {
      const name = basename(report.input.path);
      panel.title = tabTitle(report.input.edited === undefined ? name : t('{0}, edited', name));
      this.services.shown.show(panel, folder);
      this.remember(report.input.path, open);
      void this.services.lastReport.set(report, folder);
      if (before === null) return;
      supersede(this.services, before, folder).catch((error: unknown) => {
        this.services.log.error(`Reports: ${String(error)}`);
      });
    });
    const open: Open = { panel, view };
    if (image !== null) this.remember(image, open);
    this.active.add(panel, view);
    panel.onDidDispose(() => {
      view.dispose();
      this.services.shown.hide(panel);
      for (const [key, open] of this.open) if (open.panel === panel) this.open.delete(key);
      if (this.follower?.panel !== panel) return;
      this.follower = null;
      this.followerClosed.fire();
    });
  }

  private remember(image: string, open: Open): void {
    if (!this.open.has(image)) this.open.set(image, open);
  }
}
