/** A preview: while it is pinned to the Explorer, one panel shows the report of whatever image is selected there. */
import { Disposable, TabInputCustom, TabInputText, commands, window } from 'vscode';
import { isImage } from '../report/images';
import type { Panels } from './panels';

/** Of the manifest's `when` clauses. */
const CONTEXT_KEY = 'inferenceLens.following';
/** A selection that is only passed on the way to another is not worth an analysis. */
const SETTLE_MS = 250;

export class Follow extends Disposable {
  private on = false;
  private shown: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly listening: Disposable[];

  constructor(private readonly panels: Panels) {
    super(() => {
      clearTimeout(this.timer);
      for (const each of this.listening) each.dispose();
    });
    // Selecting a file in the Explorer opens it as a preview, which is the one sign of it that extensions get.
    this.listening = [
      window.tabGroups.onDidChangeTabs(() => this.look()),
      window.tabGroups.onDidChangeTabGroups(() => this.look()),
      panels.onFollowerClosed(() => void this.set(false)),
    ];
  }

  /** Begins with the image that is selected, in the panel that has the focus or a new one. */
  async set(on: boolean): Promise<void> {
    this.on = on;
    this.shown = null;
    clearTimeout(this.timer);
    if (on) this.panels.adoptFollower();
    else this.panels.releaseFollower();
    await commands.executeCommand('setContext', CONTEXT_KEY, on);
    this.look();
  }

  private look(): void {
    const image = this.on ? selectedImage() : null;
    if (image === null || image === this.shown) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.on || selectedImage() !== image) return;
      this.shown = image;
      void this.panels.follow(image);
    }, SETTLE_MS);
  }
}

/** Of the active tab; null where it is something else, such as the report itself. */
function selectedImage(): string | null {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof TabInputCustom) && !(input instanceof TabInputText)) return null;
  const { scheme, fsPath } = input.uri;
  return scheme === 'file' && isImage(fsPath) ? fsPath : null;
}
