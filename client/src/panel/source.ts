/** From a layer to the code that makes it: the line that the model file names, where the workspace has that file. */
import { resolve } from 'node:path';
import { Position, Range, Uri, window, workspace } from 'vscode';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { isInside } from '../report/paths';
import { otherColumn } from './place';
import { t } from '../l10n';

/** @returns what to say where there is nothing to open; null where it was opened */
export async function goToSource(report: Report, layer: string): Promise<ToPanel | null> {
  const source = report.layers.find(({ name }) => name === layer)?.source;
  const place = source === undefined ? null : await placeOf(source);
  if (place === null) {
    const text =
      source === undefined
        ? t('The model file does not say which line of code makes {0}.', layer)
        : t('{0} is made at {1}, which is not in this workspace.', layer, source);
    return { type: 'said', text, failed: true };
  }
  const at = new Position(place.line, 0);
  await window.showTextDocument(place.uri, { viewColumn: otherColumn(), selection: new Range(at, at) });
  return null;
}

/**
 * The model was exported on any machine: the file is that of the workspace with the longest end of the path in common. What the report
 * names outside of the workspace is never opened.
 */
async function placeOf(source: string): Promise<{ readonly uri: Uri; readonly line: number } | null> {
  const [, path = '', line = '1'] = /^(.*):(\d+)$/.exec(source) ?? [];
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '..' && part !== '.');
  for (const { uri } of workspace.workspaceFolders ?? []) {
    for (let from = 0; from < parts.length; from++) {
      const candidate = resolve(uri.fsPath, ...parts.slice(from));
      if (!isInside(candidate, uri.fsPath)) continue;
      const found = Uri.file(candidate);
      const isFile = await workspace.fs.stat(found).then(
        ({ type }) => (type & 1) === 1,
        () => false,
      );
      if (isFile) return { uri: found, line: Math.max(0, Number(line) - 1) };
    }
  }
  return null;
}
