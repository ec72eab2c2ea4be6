/** What the status bar item offers. */
import { window } from 'vscode';
import { commandIds } from './ids';
import { runCommand } from './run';
import { t } from '../l10n';

const entries = [
  { label: `$(file-media) ${t('Analyze an Image...')}`, command: commandIds.analyze },
  { label: `$(history) ${t('Open Last Report')}`, command: commandIds.openLastReport },
  { label: `$(library) ${t('Select Weights...')}`, command: commandIds.selectWeights },
  { label: `$(folder-opened) ${t('Import Checkpoint...')}`, command: commandIds.importCheckpoint },
  { label: `$(new-file) ${t('Create Lens for a Model...')}`, command: commandIds.createLens },
  { label: `$(eye) ${t('Select Lens...')}`, command: commandIds.selectLens },
  { label: `$(person) ${t('Select Face Detector...')}`, command: commandIds.selectDetector },
  { label: `$(screen-normal) ${t('Select Crop...')}`, command: commandIds.selectCrop },
  { label: `$(tag) ${t('Select Labels...')}`, command: commandIds.selectLabels },
  { label: `$(circuit-board) ${t('Select Device...')}`, command: commandIds.selectDevice },
  { label: `$(pulse) ${t('Doctor')}`, command: commandIds.doctor },
  { label: `$(debug-restart) ${t('Restart Server')}`, command: commandIds.restartServer },
  { label: `$(output) ${t('Show Log')}`, command: commandIds.showLog },
] as const;

export async function menu(): Promise<void> {
  const chosen = await window.showQuickPick(entries, { placeHolder: 'Inference Lens' });
  if (chosen) await runCommand(chosen.command);
}
