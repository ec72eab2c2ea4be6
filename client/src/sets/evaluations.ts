/** The panels that show evaluations, each opened once. */
import { basename, join } from 'node:path';
import { Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import { pageFor } from '../panel/page';
import type { Panels } from '../panel/panels';
import type { Services } from '../services';
import { EvaluationView, type Evaluated, type EvaluationContent } from './evaluationView';
import { setName, type EvaluationPlaces } from './places';
import { t } from '../l10n';

export const evaluationType = 'inferenceLens.evaluation';

export class Evaluations {
  /** By the folder of the evaluation. */
  private readonly open = new Map<string, WebviewPanel>();

  constructor(
    private readonly services: Services,
    private readonly panels: Panels,
    readonly places: EvaluationPlaces,
  ) {}

  run(asked: Evaluated): void {
    void this.places.prune([...this.open.keys()]);
    const folder = join(asked.output, 'evaluation');
    this.attach(folder, basename(asked.source), { kind: 'run', asked });
  }

  /** @param folder of a finished evaluation */
  show(folder: string): void {
    this.attach(folder, setName(folder), { kind: 'folder', folder });
  }

  private attach(folder: string, name: string, content: EvaluationContent): void {
    const open = this.open.get(folder);
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const { extensionUri } = this.services.context;
    const dist = Uri.joinPath(extensionUri, 'dist');
    const panel = window.createWebviewPanel(evaluationType, t('{0} (Evaluation)', name), ViewColumn.Active, {
      enableScripts: true,
      enableFindWidget: true,
      // Nothing is run or read from there but charts, as pictures.
      localResourceRoots: [dist, Uri.file(folder)],
    });
    panel.iconPath = Uri.joinPath(extensionUri, 'client', 'media', 'lens.svg');
    const view = new EvaluationView(this.services, panel.webview, name, content, {
      analyze: (image, options) => this.panels.analyze(image, options),
      isOwn: (shown) => this.places.holds(shown),
    });
    panel.webview.html = pageFor(panel.webview, extensionUri, 'evaluation');
    this.open.set(folder, panel);
    panel.onDidDispose(() => {
      view.dispose();
      this.open.delete(folder);
    });
  }
}
