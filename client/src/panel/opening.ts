/** What the panel's links and buttons open in the editor. */
import { join } from 'node:path';
import { Uri, window, workspace } from 'vscode';
import type { FromPanel, PanelCommand } from '../../../protocol/panel';
import { commandIds } from '../commands/ids';
import { runCommand } from '../commands/run';
import { t } from '../l10n';
import { otherColumn } from './place';

export const panelCommands: Readonly<Record<PanelCommand, string>> = {
  selectWeights: commandIds.selectWeights,
  selectDevice: commandIds.selectDevice,
  selectLens: commandIds.selectLens,
  selectDetector: commandIds.selectDetector,
  selectCrop: commandIds.selectCrop,
  selectLabels: commandIds.selectLabels,
  importCheckpoint: commandIds.importCheckpoint,
  doctor: commandIds.doctor,
  installCuda: commandIds.installCuda,
  restartServer: commandIds.restartServer,
  pickImage: commandIds.analyze,
  setQueuePassword: commandIds.setQueuePassword,
  manageTrust: 'workbench.trust.manage',
};

/** Opens a part of what is shown. @param folder of the report; @param image absolute path */
export async function openPart(
  what: Exclude<Extract<FromPanel, { type: 'open' }>['what'], 'log'>,
  folder: string | null,
  image: string | null,
): Promise<void> {
  if (what === 'image') {
    if (image === null) return;
    // An editor of a file that is gone is an empty one.
    const isThere = await workspace.fs.stat(Uri.file(image)).then(
      () => true,
      () => false,
    );
    if (isThere) await runCommand('vscode.open', Uri.file(image), otherColumn()); // the report stays in view
    else void window.showWarningMessage(t('{0} is no longer where it was.', image));
    return;
  }
  if (folder === null) return;
  const inside = (name: string) => Uri.file(join(folder, name));
  switch (what) {
    case 'folder':
      return runCommand(
        workspace.getWorkspaceFolder(inside('report.md')) === undefined
          ? 'revealFileInOS'
          : 'revealInExplorer',
        inside('report.md'),
      );
    case 'markdown':
      return runCommand('markdown.showPreview', inside('report.md'));
    case 'json':
      return runCommand('vscode.openWith', inside('report.json'), 'default');
    default:
      what satisfies never;
  }
}
