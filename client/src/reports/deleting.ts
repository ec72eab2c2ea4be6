/** Deleting reports, and bringing back what was deleted as long as its files are kept. */
import { Uri, window, workspace } from 'vscode';
import type { Services } from '../services';
import type { SetAside } from './aside';
import { chosen } from './commands';
import type { ReportEntry } from './entries';
import { wholeFolder } from './storage';
import { t, whole } from '../l10n';

/** Milliseconds that the files of a deleted report are kept at most: somebody who makes room waits for it. */
const KEPT = 10 * 60_000;

/** A report in storage goes at once, since it can be brought back; what somebody saved is asked about. */
export async function deleteReport(services: Services, clicked: unknown): Promise<void> {
  const entry = await chosen(services, clicked, t('Delete Report'));
  if (entry === null) return;
  const { deleted, history, storage } = services;
  const folder = wholeFolder(entry.folder);
  let aside: SetAside | null = null;
  let text = t('Deleted the report of {0}.', entry.title);
  if (storage.holds(entry.folder)) {
    aside = await deleted.take(folder).catch(notDeleted(folder));
    if (aside === null) return;
  } else {
    const answer = await askAboutSaved(entry, folder);
    if (answer === 'none') return;
    if (answer === 'delete') {
      aside = await deleted.copy(folder).catch(notDeleted(folder));
      if (aside === null) return;
      await toTrash(folder);
    } else text = t('The report of {0} is no longer listed. Its files stay.', entry.title);
  }
  history.forget([entry]);
  await offerUndo(services, text, [entry], aside === null ? [] : [aside]);
}

/** Deletes what is in storage and not in view, after saying how much that is. */
export async function cleanUpReports(services: Services): Promise<void> {
  const { deleted, history, storage, shown } = services;
  const inView = (await shown.everywhere()).map(wholeFolder);
  const reports = (await storage.list()).filter(({ folder }) => !inView.includes(folder));
  if (reports.length === 0) {
    void window.showInformationMessage(t('There are no unsaved reports to delete.'));
    return;
  }
  const megabytes = megabytesOf(reports);
  const remove = t('Delete All Unsaved');
  const answer = await window.showWarningMessage(
    reports.length === 1
      ? t('Delete one unsaved report, {0} MB?', megabytes)
      : t('Delete {0} unsaved reports, {1} MB?', whole(reports.length), megabytes),
    { modal: true, detail: t('Saved reports, open reports and all images stay.') },
    remove,
  );
  if (answer !== remove) return;
  const asides: SetAside[] = [];
  for (const { folder } of reports) {
    const aside = await deleted.take(folder).catch(notDeleted(folder));
    if (aside !== null) asides.push(aside);
  }
  const entries = history.within(asides.map(({ from }) => from));
  history.forget(entries);
  await offerUndo(services, cleanedUp(asides), entries, asides);
}

const notDeleted = (folder: string) => (error: unknown) => {
  void window.showErrorMessage(t('The report in {0} was not deleted: {1}', folder, (error as Error).message));
  return null;
};

function cleanedUp(asides: readonly SetAside[]): string {
  const megabytes = megabytesOf(asides);
  return asides.length === 1
    ? t('Deleted one unsaved report, {0} MB.', megabytes)
    : t('Deleted {0} unsaved reports, {1} MB.', whole(asides.length), megabytes);
}

const megabytesOf = (folders: readonly { readonly bytes: number }[]): string =>
  whole(Math.round(folders.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6));

async function askAboutSaved(entry: ReportEntry, folder: string): Promise<'delete' | 'forget' | 'none'> {
  const remove = t('Delete');
  const forget = t('Remove From the List Only');
  const answer = await window.showWarningMessage(
    t('Delete the report of {0}?', entry.title),
    { modal: true, detail: t('{0} will be deleted. The image stays.', folder) },
    remove,
    forget,
  );
  if (answer === undefined) return 'none';
  return answer === remove ? 'delete' : 'forget';
}

/** Other machines and some drives have no trash. */
async function toTrash(folder: string): Promise<void> {
  const uri = Uri.file(folder);
  try {
    await workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch {
    await workspace.fs.delete(uri, { recursive: true, useTrash: false });
  }
}

/** Until the message is closed, ten minutes have passed or storage needs the room, the reports can be brought back. */
async function offerUndo(
  { deleted, history }: Services,
  text: string,
  entries: readonly ReportEntry[],
  asides: readonly SetAside[],
): Promise<void> {
  const drop = () => Promise.all(asides.map((aside) => deleted.drop(aside)));
  const timer = setTimeout(() => void drop(), KEPT);
  const undo = t('Undo');
  const answer = await window.showInformationMessage(text, undo);
  clearTimeout(timer);
  if (answer !== undo) {
    await drop();
    return;
  }
  const missing: string[] = [];
  for (const aside of asides) {
    const isBack = await deleted.putBack(aside).catch((error: unknown) => {
      void window.showErrorMessage(
        t('The report was not put back in {0}: {1}', aside.from, (error as Error).message),
      );
      return true;
    });
    if (!isBack) missing.push(aside.from);
  }
  history.put(entries.filter(({ folder }) => !missing.includes(wholeFolder(folder))));
  if (missing.length > 0)
    void window.showWarningMessage(
      missing.length === 1
        ? t(
            'A deleted report could not be brought back: its files were kept for ten minutes at most, and less where storage needed the room.',
          )
        : t(
            '{0} deleted reports could not be brought back: their files were kept for ten minutes at most, and less where storage needed the room.',
            whole(missing.length),
          ),
    );
}
