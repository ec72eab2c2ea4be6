/** Paths of images in texts and notebook cells: hover, CodeLens, the context menu's entry. */
import { Disposable, commands, languages, window, workspace, type TextEditor } from 'vscode';
import type { Panels } from '../panel/panels';
import { askForFirstNetwork } from '../commands/firstNetwork';
import type { Services } from '../services';
import { imageCodeLens } from './codeLens';
import { fileOf, namedAt } from './find';
import { imageHover } from './hover';
import { isLookedAt, selector } from './languages';
import { t } from '../l10n';

/** Set while the cursor is in the path of an image. */
const CONTEXT = 'inferenceLens.onImagePath';

export function watchImagePaths({ history }: Services): Disposable {
  const look = (editor: TextEditor | undefined): void => {
    const on =
      editor !== undefined &&
      isLookedAt(editor.document) &&
      namedAt(editor.document, editor.selection.active) !== null;
    void commands.executeCommand('setContext', CONTEXT, on);
  };
  return Disposable.from(
    languages.registerHoverProvider(selector, imageHover(history)),
    languages.registerCodeLensProvider(selector, imageCodeLens),
    window.onDidChangeTextEditorSelection(({ textEditor }) => look(textEditor)),
    window.onDidChangeActiveTextEditor(look),
  );
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
