/** The server looks at lens files by itself: it is started with the first that is open. */
import type { Disposable } from 'vscode';
import { workspace, type TextDocument } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import type { Services } from '../services';

const isLens = ({ uri }: TextDocument): boolean => uri.scheme === 'file' && uri.path.endsWith(LENS_SUFFIX);

export function watchLenses({ connection }: Services): Disposable {
  const begin = (document: TextDocument): void => {
    if (isLens(document)) void connection.begin();
  };
  workspace.textDocuments.forEach(begin);
  return workspace.onDidOpenTextDocument(begin);
}
