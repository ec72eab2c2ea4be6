/** What can be done with a report of the view: open, rename, save; `deleting.ts` has the rest. */
import { cp, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileType, Uri, window, workspace } from 'vscode';
import type { Panels } from '../panel/panels';
import { runCommand } from '../commands/run';
import type { Services } from '../services';
import type { ReportEntry } from './entries';
import { wholeFolder } from './storage';
import { ageOf } from './age';
import { t } from '../l10n';

/** What the manifest's key bindings pass on: they know no row. */
const FOCUSED = 'focused';

/** What was clicked or has the focus, else what is chosen from a list. */
export async function chosen(
  { history, reports }: Services,
  named: unknown,
  title: string,
): Promise<ReportEntry | null> {
  const clicked = named === FOCUSED ? await reports.focused() : named;
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
  if (title !== undefined) services.history.rename(entry, title.trim());
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
  services.history.move(entry, entry.folder === from ? to : join(to, basename(entry.folder)));
  const open = t('Show report.md');
  if ((await window.showInformationMessage(t('Saved as {0}.', to), open)) === open)
    await runCommand('markdown.showPreview', Uri.file(join(to, 'result', 'report.md')));
}

const exists = (path: string): Promise<boolean> =>
  Promise.resolve(workspace.fs.stat(Uri.file(path))).then(
    ({ type }) => type !== FileType.Unknown,
    () => false,
  );
