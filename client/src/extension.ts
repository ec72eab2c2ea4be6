/** Entry point of the extension: makes its parts, registers them, and stops the server at the end. */
import { join } from 'node:path';
import { window, type ExtensionContext } from 'vscode';
import { thisProcess } from '../../files/owner';
import { registerTools } from './agents/tools';
import { Checks } from './checks/checks';
import { registerCommands } from './commands/register';
import { ModelEditor, modelEditorType } from './model/modelEditor';
import { ActiveReport } from './panel/active';
import { Panels } from './panel/panels';
import { editorTypes, panelType } from './panel/place';
import { ReportEditor } from './panel/reportEditor';
import { Analyzer } from './report/analyzer';
import { LastReport } from './report/lastReport';
import { ownFolder } from './report/outputFolder';
import { DeletedReports } from './reports/aside';
import { ReportEntries } from './reports/entries';
import { keepHistory } from './reports/keep';
import { History } from './reports/history';
import { ReportsView } from './reports/reportsView';
import { ShownReports } from './reports/shown';
import { ReportStorage } from './reports/storage';
import { Connection } from './server/connection';
import type { Services } from './services';
import { showBadges } from './images/badges';
import { watchImagePaths } from './images/register';
import { watchLenses } from './lens/watch';
import { Evaluations } from './sets/evaluations';
import { EvaluationPlaces } from './sets/places';
import { createStatus } from './status';

/** Awaited by the editor when it deactivates the extension. */
const stopping: (() => Promise<void>)[] = [];

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Inference Lens', { log: true });
  const own = (name: string): string => join(context.globalStorageUri.fsPath, name);
  const connection = new Connection(context, log);
  stopping.push(() => connection.stop());
  const history = new History(new ReportEntries(own('history')));
  const storage = new ReportStorage(ownFolder(context.globalStorageUri.fsPath));
  const services: Services = {
    context,
    log,
    connection,
    analyzer: new Analyzer(context, connection),
    lastReport: new LastReport(context.workspaceState),
    history,
    storage,
    reports: new ReportsView(history, storage),
    deleted: new DeletedReports(own('deleted'), thisProcess()),
    shown: new ShownReports(own('shown'), thisProcess()),
  };
  const active = new ActiveReport();
  const panels = new Panels(services, active);
  const places = new EvaluationPlaces(own('evaluations'));
  const evaluations = new Evaluations(services, panels, places);
  const checks = new Checks(services);
  const editor = new ReportEditor(services, active);
  context.subscriptions.push(
    log,
    checks,
    ...registerCommands(services, panels, evaluations, checks, active),
    createStatus(services),
    services.reports,
    keepHistory(services),
    watchLenses(services),
    watchImagePaths(services),
    showBadges(services.history),
    ...registerTools(services),
    window.registerCustomEditorProvider(modelEditorType, new ModelEditor(services, panels)),
    window.registerWebviewPanelSerializer(panelType, {
      deserializeWebviewPanel: (panel, state) => panels.revive(panel, state),
    }),
    ...editorTypes.map((type) =>
      window.registerCustomEditorProvider(type, editor, { supportsMultipleEditorsPerDocument: true }),
    ),
  );
}

export async function deactivate(): Promise<void> {
  await Promise.all(stopping.splice(0).map((stop) => stop()));
}
