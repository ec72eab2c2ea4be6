/** Opening a model file shows what it holds; nothing in it is run, and nothing of it changed. */
import {
  Uri,
  commands,
  window,
  type CustomDocument,
  type CustomReadonlyEditorProvider,
  type WebviewPanel,
} from 'vscode';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import { pageFor } from '../panel/page';
import type { Panels } from '../panel/panels';
import { importCheckpoint } from '../commands/importing';
import type { Services } from '../services';
import { ModelView } from './modelView';
import { t } from '../l10n';

export const modelEditorType = 'inferenceLens.model';

export class ModelEditor implements CustomReadonlyEditorProvider {
  constructor(
    private readonly services: Services,
    private readonly panels: Panels,
  ) {}

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    const { extensionUri } = this.services.context;
    const dist = Uri.joinPath(extensionUri, 'dist');
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const view = new ModelView(this.services, panel.webview, uri.fsPath, {
      analyze: () => analyzeWith(this.panels, uri),
      import: () => importCheckpoint(this.services, uri),
    });
    panel.webview.html = pageFor(panel.webview, extensionUri, 'model');
    panel.onDidDispose(() => {
      view.dispose();
    });
  }
}

/** Asks for an image and analyzes it with this file, whatever the settings say, and without changing them. */
async function analyzeWith(panels: Panels, model: Uri): Promise<void> {
  const chosen = await window.showOpenDialog({
    title: t('Image to analyze with this model'),
    openLabel: t('Analyze'),
    defaultUri: Uri.joinPath(model, '..'),
    filters: { [t('Images')]: [...IMAGE_EXTENSIONS] },
  });
  const image = chosen?.[0];
  if (image !== undefined) await panels.analyze(image.fsPath, { weights: model.fsPath });
}

/** @param clicked the model that was right-clicked, if any */
export async function showModel(clicked: unknown): Promise<void> {
  const dialog = {
    title: t('Model to show'),
    openLabel: t('Show'),
    filters: { [t('Models')]: [...shownExtensions] },
  };
  const uri = clicked instanceof Uri ? clicked : (await window.showOpenDialog(dialog))?.[0];
  if (uri !== undefined) await commands.executeCommand('vscode.openWith', uri, modelEditorType);
}

/** Of files that hold a model; also in the manifest. */
export const shownExtensions = ['onnx', 'pth', 'pt', 'ckpt', 'safetensors'] as const;
