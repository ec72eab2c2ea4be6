/** Paths of images in texts and notebook cells: hover, CodeLens, the context menu's entry. */
import { Disposable, commands, languages, window, workspace, type TextEditor } from 'vscode';
import type { Panels } from '../panel/panels';
import { askForFirstNetwork } from '../commands/firstNetwork';
import type { Services } from '../services';
import { imageCodeLens } from './codeLens';
import { fileOf, namedAt, namesImage } from './find';
import { imageHover } from './hover';
import { isLookedAt, selector } from './languages';
import { t } from '../l10n';

/**
 * Set while the path of an image is in view. Not while the cursor is in one: a right-click moves the cursor and opens the menu at once,
 * before an extension hears of it, so that the entry would be missing at the first try.
 */
const CONTEXT = 'inferenceLens.imagePathInView';

export function watchImagePaths({ history }: Services): Disposable {
  const look = (): void => {
    const inView = editorsInView().some(
      ({ document, visibleRanges }) =>
        isLookedAt(document) && visibleRanges.some((lines) => namesImage(document, lines)),
    );
    void commands.executeCommand('setContext', CONTEXT, inView);
  };
  return Disposable.from(
    languages.registerHoverProvider(selector, imageHover(history)),
    languages.registerCodeLensProvider(selector, imageCodeLens),
    window.onDidChangeTextEditorSelection(look),
    window.onDidChangeTextEditorVisibleRanges(look),
    window.onDidChangeActiveTextEditor(look),
    window.onDidChangeVisibleTextEditors(look),
  );
}

/** The active editor; of a notebook the cells that are shown, since a right-click goes to any of them. */
function editorsInView(): readonly TextEditor[] {
  const active = window.activeNotebookEditor?.notebook.uri.path;
  if (active !== undefined)
    return window.visibleTextEditors.filter(({ document: { uri } }) => uri.path === active);
  return window.activeTextEditor === undefined ? [] : [window.activeTextEditor];
}

/** @param given the path; without one that under the cursor */
export async function analyzePath(services: Services, panels: Panels, given: unknown): Promise<void> {
  const path = typeof given === 'string' ? given : await underCursor();
  if (path === null) {
    void window.showInformationMessage(
      workspace.isTrusted
        ? t('The text under the cursor does not name an image in the workspace.')
        : t('The text under the cursor is in a workspace that is not trusted.'),
    );
    return;
  }
  if (await askForFirstNetwork(services)) await panels.analyze(path);
}

async function underCursor(): Promise<string | null> {
  const editor = window.activeTextEditor;
  const named = editor === undefined ? null : namedAt(editor.document, editor.selection.active);
  return editor === undefined || named === null ? null : fileOf(editor.document, named);
}
