/** The page of a webview, with the addresses that this extension's files have for it. */
import { randomBytes } from 'node:crypto';
import { Uri, l10n, type Webview, type WebviewOptions } from 'vscode';
import { language } from '../l10n';
import { panelPage } from './html';

/** @param roots folders whose pictures the page may load besides the extension's own files */
export const optionsFor = (extension: Uri, roots: readonly string[]): WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [Uri.joinPath(extension, 'dist'), ...roots.map((root) => Uri.file(root))],
});

/** @param name of the script and the style sheet in `dist/` */
export function pageFor(webview: Webview, extension: Uri, name: 'panel' | 'model' | 'evaluation'): string {
  const asset = (file: string) => webview.asWebviewUri(Uri.joinPath(extension, 'dist', file)).toString();
  return panelPage({
    nonce: randomBytes(16).toString('hex'),
    styleNonce: randomBytes(16).toString('hex'),
    source: webview.cspSource,
    script: asset(`${name}.js`),
    style: asset(`${name}.css`),
    language: language(),
    texts: l10n.bundle ?? {},
  });
}
