/** A webview with one line of text: opened beside the editor as a report is, and as the editor of a file. */
const { ViewColumn, commands, window } = require('vscode');

const HTML = '<!doctype html><div id="root"><h1>Empty</h1></div>';

exports.activate = ({ subscriptions }) => {
  const open = () => {
    const panel = window.createWebviewPanel('emptyWebview', 'Empty', ViewColumn.Beside, {
      enableScripts: true,
    });
    panel.webview.html = HTML;
  };
  const editor = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (_, { webview }) => {
      webview.options = { enableScripts: true };
      webview.html = HTML;
    },
  };
  subscriptions.push(
    commands.registerCommand('emptyWebview.open', open),
    window.registerCustomEditorProvider('emptyWebview.file', editor),
  );
};
