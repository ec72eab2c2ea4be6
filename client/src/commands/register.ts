/** Every command of the manifest and what it runs. */
import { ProgressLocation, commands, window, type Disposable } from 'vscode';
import type { Panels } from '../panel/panels';
import type { Services } from '../services';
import { analyzeCommand } from './analyze';
import { selectDevice } from './device';
import { runDoctor } from './doctor';
import { commandIds } from './ids';
import { menu } from './menu';
import { importCheckpoint, selectWeights } from './models';
import { openLastReport } from './openLastReport';

export function registerCommands(services: Services, panels: Panels): Disposable[] {
  const run: Readonly<Record<keyof typeof commandIds, (...args: readonly unknown[]) => Promise<void>>> = {
    analyze: (clicked, selected) => analyzeCommand(services, panels, clicked, selected),
    importCheckpoint: (clicked) => importCheckpoint(services, clicked),
    selectWeights: () => selectWeights(services),
    selectDevice,
    openLastReport: () => openLastReport(services, panels),
    doctor: () => runDoctor(services),
    restartServer: () => restartServer(services),
    showLog: () => {
      services.log.show();
      return Promise.resolve();
    },
    menu,
  };
  return Object.entries(run).map(([name, command]) =>
    commands.registerCommand(commandIds[name as keyof typeof commandIds], command),
  );
}

async function restartServer({ connection, log }: Services): Promise<void> {
  const options = { location: ProgressLocation.Window, title: 'Restarting Inference Lens' };
  try {
    await window.withProgress(options, () => connection.restart());
  } catch (error) {
    log.error(String(error));
    void window.showErrorMessage(
      `The server did not start: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
