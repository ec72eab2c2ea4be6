/** Select Labels: a file of class names, which the lens then names. Without a lens of their own, weights get one beside them. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { Uri, window, workspace } from 'vscode';
import { readReportFolder } from '../../../files/report-folder';
import { LENS_SUFFIX } from '../../../protocol/lens';
import type { Report } from '../../../protocol/report';
import { setLabels } from '../../../protocol/requests';
import { t, whole } from '../l10n';
import type { ActiveReport } from '../panel/active';
import type { Services } from '../services';
import { lensBeside, pickLens } from '../sets/pickLens';
import { current, fileOf, settings } from '../settings';
import { commandIds } from './ids';
import { withJob } from './job';
import { runCommand } from './run';

/** Files that class names are read from. */
const LISTS = ['txt', 'csv', 'json', 'names'] as const;

export async function selectLabels(services: Services, { view }: ActiveReport): Promise<void> {
  const read = view?.shown == null ? null : await readReportFolder(view.shown);
  const lens = await pickLens(wantedLens(read?.ok === true ? read.value : null));
  if (lens === undefined) return;
  const chosen = await window.showOpenDialog({
    title: t('File of class names: one a line, a column of names, or JSON'),
    openLabel: t('Select'),
    defaultUri: Uri.joinPath(Uri.file(lens), '..'),
    filters: { [t('Class names')]: [...LISTS] },
  });
  const file = chosen?.[0];
  if (file === undefined) return;
  const asked = { lens, labels: file.fsPath };
  const written = await withJob(services, t('Reading class names'), setLabels, asked);
  if (written === undefined) return;
  const [again, open] = [t('Analyze Again'), t('Open the Lens')];
  const text = written.isNew
    ? t('{0} was created and names {1} classes.', lens, whole(written.labels))
    : t('{0} now names {1} classes.', lens, whole(written.labels));
  const answer = await window.showInformationMessage(text, ...(view === null ? [open] : [again, open]));
  if (answer === again) await runCommand(commandIds.analyzeAgain);
  if (answer === open) await window.showTextDocument(Uri.file(lens));
}

/** What a setting names as a file; null where it is empty, or the name of what is built in or in the store. */
function chosenFile(text: string | null): string | null {
  const path = text === null || text === '' ? null : fileOf(text);
  return path !== null && (isAbsolute(text ?? '') || existsSync(path)) ? path : null;
}

/** Whether a file is the reader's own: weights that come with the extension, or lie in the model store, get no lens beside them. */
const isReaders = (path: string): boolean =>
  isAbsolute(path) &&
  (path === chosenFile(settings().weights) ||
    path === chosenFile(current('lens')) ||
    workspace.getWorkspaceFolder(Uri.file(path)) !== undefined);

/** The lens that is in use, as far as it is a file; else the one beside the weights. Null where neither is known. */
function wantedLens(report: Report | null): string | null {
  const set = current('lens');
  const lens = set.endsWith(LENS_SUFFIX) ? fileOf(set) : report?.lens?.path;
  if (lens !== undefined && isReaders(lens)) return lens;
  const weights = report?.model.path ?? chosenFile(settings().weights);
  return weights !== null && isReaders(weights) ? lensBeside(weights) : null;
}
