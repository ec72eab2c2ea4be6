/** Every command of the manifest and what it runs. */
import { Disposable, ProgressLocation, commands, window } from 'vscode';
import type { Checks } from '../checks/checks';
import { analyzePath } from '../images/register';
import { showModel } from '../model/modelEditor';
import type { ActiveReport } from '../panel/active';
import { Follow } from '../panel/follow';
import type { Panels } from '../panel/panels';
import { openReport, renameReport, saveReport } from '../reports/commands';
import { cleanUpReports, deleteReport } from '../reports/deleting';
import type { Services } from '../services';
import { evaluateFolder, openEvaluation, trySet } from '../sets/commands';
import type { Evaluations } from '../sets/evaluations';
import { setQueuePassword } from '../sets/queue';
import { analyzeCommand } from './analyze';
import { createLensCommand } from './lens';
import { selectCrop, selectDetector, selectLens } from './choices';
import { selectDevice } from './device';
import { selectLabels } from './labels';
import { installCuda } from './cuda';
import { Doctor } from './doctor';
import { commandIds } from './ids';
import { menu } from './menu';
import { importCheckpoint } from './importing';
import { selectWeights } from './models';
import { openLastReport } from './openLastReport';
import { analyzeAgain, clickedOrFocused, copySummary, onReport, openImage } from './reportActions';
import { trySample } from './trySample';
import { t } from '../l10n';

export function registerCommands(
  services: Services,
  panels: Panels,
  evaluations: Evaluations,
  checks: Checks,
  active: ActiveReport,
): Disposable[] {
  const doctor = new Doctor(services);
  const follow = new Follow(panels);
  const run: Readonly<Record<keyof typeof commandIds, (...args: readonly unknown[]) => Promise<void>>> = {
    analyze: (clicked, selected) => analyzeCommand(services, panels, clicked, selected),
    analyzePath: (path) => analyzePath(services, panels, path),
    trySample: () => trySample(services, panels),
    showModel,
    createLens: (clicked) => createLensCommand(services, clicked),
    evaluate: (clicked) => evaluateFolder(evaluations, clicked),
    openEvaluation: () => openEvaluation(evaluations),
    runCheck: (clicked) => checks.runFile(clicked),
    setQueuePassword: () => setQueuePassword(services),
    trySet: () => trySet(services, evaluations),
    importCheckpoint: (clicked) => importCheckpoint(services, clicked),
    selectWeights: () => selectWeights(services),
    selectDevice,
    selectLens,
    selectDetector,
    selectCrop,
    selectLabels: () => selectLabels(services, active),
    followExplorer: () => follow.set(true),
    unfollowExplorer: () => follow.set(false),
    openReport: (clicked) => openReport(services, panels, clicked),
    renameReport: (clicked) => renameReport(services, clicked),
    deleteReport: (clicked) => deleteReport(services, clicked),
    saveReport: (clicked) => saveReport(services, clickedOrFocused(active, clicked)),
    cleanUpReports: () => cleanUpReports(services),
    openLastReport: () => openLastReport(services, panels),
    doctor: () => doctor.run(),
    installCuda: () => installCuda(services, doctor),
    restartServer: () => restartServer(services),
    showLog: () => {
      services.log.show();
      return Promise.resolve();
    },
    menu,
    analyzeAgain: onReport(active, analyzeAgain),
    openImage: onReport(active, openImage),
    copySummary: onReport(active, copySummary),
  };
  const registered = Object.entries(run).map(([name, command]) =>
    commands.registerCommand(commandIds[name as keyof typeof commandIds], command),
  );
  return [new Disposable(() => doctor.dispose()), follow, ...registered];
}

async function restartServer({ connection, log }: Services): Promise<void> {
  const options = { location: ProgressLocation.Window, title: t('Restarting Inference Lens') };
  try {
    await window.withProgress(options, () => connection.restart());
  } catch (error) {
    log.error(String(error));
    void window.showErrorMessage(
      t('The server did not start: {0}', error instanceof Error ? error.message : String(error)),
    );
  }
}
