/** What the panel's menus of pictures and tables give: files that the page made, and scripts for Python. */
import { dirname, join } from 'node:path';
import { Uri, env, window, workspace } from 'vscode';
import type { FromPanel, SentToPanel } from '../../../protocol/panel';
import type { Analyzer } from '../report/analyzer';
import { t } from '../l10n';

type Message<Type extends FromPanel['type']> = Extract<FromPanel, { type: Type }>;

const KINDS: Readonly<Record<string, string>> = {
  png: 'PNG',
  svg: 'SVG',
  npy: t('NumPy array'),
  csv: 'CSV',
};

const notice = (text: string, failed = false): SentToPanel => ({ type: 'notice', text, failed });

/** Names of layers come from files of others: none leads out of the folder that the reader chooses. */
const fileName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}._ -]+/gu, '_')
    .replace(/^\.+/, '')
    .slice(-120) || 'file';

/** @param image whose folder is offered @returns null where the reader chose no place */
export async function saveFile(
  { name, base64 }: Message<'save'>,
  image: string | null,
): Promise<SentToPanel | null> {
  const suggested = fileName(name);
  const extension = /\.(\w+)$/.exec(suggested)?.[1] ?? '';
  const folder = image === null ? null : dirname(image);
  const target = await window.showSaveDialog({
    ...(folder === null ? {} : { defaultUri: Uri.file(join(folder, suggested)) }),
    filters: { [KINDS[extension] ?? extension.toUpperCase()]: [extension] },
  });
  if (target === undefined) return null;
  try {
    await workspace.fs.writeFile(target, Buffer.from(base64, 'base64'));
    return notice(t('Saved {0}.', target.fsPath));
  } catch (error) {
    return notice(
      t('{0} cannot be written: {1}', target.fsPath, error instanceof Error ? error.message : String(error)),
      true,
    );
  }
}

export async function copyPython(
  { subject, layer, method, channel }: Message<'copyPython'>,
  analyzer: Analyzer,
  folder: string,
): Promise<SentToPanel> {
  const outcome = await analyzer.pythonSnippet({ folder, subject, layer, method, channel }).done;
  if (!outcome.ok) return notice(`${outcome.failure.message} ${outcome.failure.fix ?? ''}`.trim(), true);
  const { text, files, library } = outcome.value;
  await env.clipboard.writeText(text);
  return notice(t('Copied a script for {0}. It reads {1}.', library, files.join(', ')));
}
