/** A webview with one line of text, opened beside the editor as a report is. */
const { ViewColumn, commands, window } = require('vscode');

exports.activate = ({ subscriptions }) => {
  const open = () => {
    const panel = window.createWebviewPanel('emptyWebview', 'Empty', ViewColumn.Beside, {
      enableScripts: true,
    });
    panel.webview.html = '<!doctype html><div id="root"><h1>Empty</h1></div>';
  };
  subscriptions.push(commands.registerCommand('emptyWebview.open', open));
};
