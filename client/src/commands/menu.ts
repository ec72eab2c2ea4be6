/** What the status bar item offers. */
import { window } from 'vscode';
import { commandIds } from './ids';
import { runCommand } from './run';

const entries = [
  { label: '$(file-media) Analyze an Image...', command: commandIds.analyze },
  { label: '$(history) Open Last Report', command: commandIds.openLastReport },
  { label: '$(library) Select Weights...', command: commandIds.selectWeights },
  { label: '$(folder-opened) Import Checkpoint...', command: commandIds.importCheckpoint },
  { label: '$(new-file) Create Lens for a Model...', command: commandIds.createLens },
  { label: '$(eye) Select Lens...', command: commandIds.selectLens },
  { label: '$(person) Select Face Detector...', command: commandIds.selectDetector },
  { label: '$(screen-normal) Select Crop...', command: commandIds.selectCrop },
  { label: '$(circuit-board) Select Device...', command: commandIds.selectDevice },
  { label: '$(pulse) Doctor', command: commandIds.doctor },
  { label: '$(debug-restart) Restart Server', command: commandIds.restartServer },
  { label: '$(output) Show Log', command: commandIds.showLog },
] as const;

export async function menu(): Promise<void> {
  const chosen = await window.showQuickPick(entries, { placeHolder: 'Inference Lens' });
  if (chosen) await runCommand(chosen.command);
}
