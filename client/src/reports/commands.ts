/** What can be done with the reports of the view: open, rename, delete, save, clean up. */
import { cp, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileType, Uri, window, workspace } from 'vscode';
import type { Panels } from '../panel/panels';
import { runCommand } from '../commands/run';
import type { Services } from '../services';
import type { ReportEntry } from './history';
import { wholeFolder } from './storage';
import { ageOf } from './age';
import { t, whole } from '../l10n';

/** What was clicked, else what is chosen from a list. */
async function chosen({ history }: Services, clicked: unknown, title: string): Promise<ReportEntry | null> {
  const entries = history.list();
  const given = entries.find(
    (entry) => entry === clicked || entry.folder === (clicked as Partial<ReportEntry> | null)?.folder,
  );
  if (given !== undefined) return given;
  if (entries.length === 0) {
    void window.showInformationMessage(
      t('There is no report yet. Right-click an image and choose “Analyze with Inference Lens”.'),
    );
    return null;
  }
  const items = entries.map((entry) => ({
    label: entry.title,
    description: `${entry.verdict} · ${ageOf(entry.time, Date.now())}`,
    detail: entry.image,
    entry,
  }));
  const item = await window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true });
  return item?.entry ?? null;
}

export async function openReport(services: Services, panels: Panels, clicked: unknown): Promise<void> {
  const entry = await chosen(services, clicked, t('Open Report'));
  if (entry !== null) panels.show(entry.folder, basename(entry.image));
}

export async function renameReport(services: Services, clicked: unknown): Promise<void> {
  const entry = await chosen(services, clicked, t('Rename Report'));
  if (entry === null) return;
  const title = await window.showInputBox({
    title: t('Rename Report'),
    prompt: t('Name shown in the list; the image and the report stay as they are.'),
    value: entry.title,
    validateInput: (text) => (text.trim() === '' ? t('Enter a name.') : null),
  });
  if (title !== undefined) await services.history.rename(entry.folder, title.trim());
}

/** What was saved goes to the trash; of what lies in storage nothing is left. */
export async function deleteReport(services: Services, clicked: unknown): Promise<void> {
  const entry = await chosen(services, clicked, t('Delete Report'));
  if (entry === null) return;
  const { history, storage } = services;
  const stored = storage.holds(entry.folder);
  const remove = t('Delete');
  const forget = t('Remove From the List Only');
  const answer = await window.showWarningMessage(
    t('Delete the report of {0}?', entry.title),
    { modal: true, detail: t('{0} will be deleted. The image stays.', wholeFolder(entry.folder)) },
    remove,
    ...(stored ? [] : [forget]),
  );
  if (answer === undefined) return;
  if (answer === remove) {
    if (stored) await storage.delete(entry.folder);
    else await workspace.fs.delete(Uri.file(wholeFolder(entry.folder)), { recursive: true, useTrash: true });
  }
  await history.forget([entry.folder]);
}

/** Copies a report to a folder of the reader's choice, where nothing deletes it. */
export async function saveReport(services: Services, clicked: unknown): Promise<void> {
  const entry = await chosen(services, clicked, t('Save Report'));
  if (entry === null) return;
  const near = workspace.workspaceFolders?.[0]?.uri ?? Uri.file(dirname(entry.image));
  const into = await window.showOpenDialog({
    title: t('Folder to save the report of {0} in', entry.title),
    ...{ openLabel: t('Save Here'), canSelectFiles: false, canSelectFolders: true, defaultUri: near },
  });
  const folder = into?.[0];
  if (folder === undefined) return;
  const drawn = await services.analyzer.draw(entry.folder);
  if (!drawn.ok) {
    void window.showErrorMessage(`${drawn.failure.message} ${drawn.failure.fix ?? ''}`.trim());
    return;
  }
  const from = wholeFolder(entry.folder);
  const to = join(folder.fsPath, basename(from));
  if (await exists(to)) {
    void window.showErrorMessage(t('{0} already exists. Move it, or save to another folder.', to));
    return;
  }
  try {
    await mkdir(folder.fsPath, { recursive: true });
    await cp(from, to, { recursive: true, errorOnExist: true, force: false });
  } catch (error) {
    void window.showErrorMessage(
      t('The report was not saved in {0}: {1}', folder.fsPath, (error as Error).message),
    );
    return;
  }
  await services.history.move(entry.folder, entry.folder === from ? to : join(to, basename(entry.folder)));
  const open = t('Show report.md');
  if ((await window.showInformationMessage(t('Saved as {0}.', to), open)) === open)
    await runCommand('markdown.showPreview', Uri.file(join(to, 'result', 'report.md')));
}

const exists = (path: string): Promise<boolean> =>
  Promise.resolve(workspace.fs.stat(Uri.file(path))).then(
    ({ type }) => type !== FileType.Unknown,
    () => false,
  );

/** Deletes what is in storage and not in view, after saying how much that is. */
export async function cleanUpReports({ history, storage, shown: views }: Services): Promise<void> {
  const shown = await views.everywhere();
  const reports = (await storage.list()).filter(({ folder }) => !shown.map(wholeFolder).includes(folder));
  const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
  if (reports.length === 0) {
    void window.showInformationMessage(t('There are no unsaved reports to delete.'));
    return;
  }
  const megabytes = whole(Math.round(bytes / 1e6));
  const remove = t('Delete All Unsaved');
  const answer = await window.showWarningMessage(
    reports.length === 1
      ? t('Delete one unsaved report, {0} MB?', megabytes)
      : t('Delete {0} unsaved reports, {1} MB?', whole(reports.length), megabytes),
    { modal: true, detail: t('Saved reports, open reports and all images stay.') },
    remove,
  );
  if (answer !== remove) return;
  await storage.keepBelow(0, shown);
  history.refresh();
}
