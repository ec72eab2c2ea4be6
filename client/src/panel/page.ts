/** The page of a webview, with the addresses that this extension's files have for it. */
import { randomBytes } from 'node:crypto';
import { Uri, l10n, type Webview } from 'vscode';
import { language } from '../l10n';
import { panelPage } from './html';

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
