/** Analyze above lines that name an image, where the setting asks for it. */
import { CodeLens, Range, workspace, type CodeLensProvider } from 'vscode';
import { SECTION } from '../../../protocol/options';
import { commandIds } from '../commands/ids';
import { imagesIn } from './find';
import { t } from '../l10n';

export const imageCodeLens: CodeLensProvider = {
  provideCodeLenses: async (document, token) => {
    if (workspace.getConfiguration(SECTION, document.uri).get('codeLens') !== 'on') return [];
    const found = await imagesIn(document);
    if (token.isCancellationRequested) return [];
    return found.map(({ line, named, path }) => {
      const range = new Range(line, named.start, line, named.start + named.length);
      return new CodeLens(range, { title: t('Analyze'), command: commandIds.analyzePath, arguments: [path] });
    });
  },
};
