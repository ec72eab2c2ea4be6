/** The page of a webview, with the addresses that this extension's files have for it. */
import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';
import { panelPage } from './html';

export function pageFor(webview: Webview, extension: Uri): string {
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(extension, 'dist', name)).toString();
  return panelPage({
    nonce: randomBytes(16).toString('hex'),
    styleNonce: randomBytes(16).toString('hex'),
    source: webview.cspSource,
    script: asset('panel.js'),
    style: asset('panel.css'),
  });
}
