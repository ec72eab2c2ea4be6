/** The report that the reader is at, for the actions beside its tab. */
import type { WebviewPanel } from 'vscode';
import type { ReportView } from './reportView';

export class ActiveReport {
  private readonly open = new Map<WebviewPanel, ReportView>();
  private last: WebviewPanel | null = null;

  add(panel: WebviewPanel, view: ReportView): void {
    this.open.set(panel, view);
    this.last ??= panel;
    panel.onDidChangeViewState(() => {
      if (panel.active) this.last = panel;
    });
    panel.onDidDispose(() => {
      this.open.delete(panel);
      if (this.last === panel) this.last = null;
    });
  }

  /** The one that has the focus. */
  get focused(): ReportView | null {
    return [...this.open].find(([{ active }]) => active)?.[1] ?? null;
  }

  /** The one that has the focus, else the one that had it last or is alone in view; null where none is open. */
  get view(): ReportView | null {
    const panels = [...this.open.keys()];
    const panel =
      panels.find(({ active }) => active) ??
      panels.find((candidate) => candidate === this.last) ??
      panels.find(({ visible }) => visible);
    return panel === undefined ? null : (this.open.get(panel) ?? null);
  }
}
