/** Which lens gets the labels that an evaluation found: the one beside the weights, or another. */
import { window } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';
import { t } from '../l10n';

/** `/models/best.lens.json` of `/models/best.onnx`. */
export const lensBeside = (weights: string): string => weights.replace(/\.[^./\\]+$/, '') + LENS_SUFFIX;

/** Undefined where the reader wants nothing written after all. @param beside the lens that is offered; null where none is known */
export async function pickLens(beside: string | null): Promise<string | undefined> {
  const write = t('Write Labels');
  const other = t('Another Lens...');
  const detail = t(
    'Only its labels change; comments and everything else stay. A lens that does not exist is created.',
  );
  const chosen =
    beside === null
      ? other
      : await window.showInformationMessage(
          t('Write these labels to {0}?', beside),
          { modal: true, detail },
          write,
          other,
        );
  if (chosen === write) return beside ?? undefined;
  if (chosen !== other) return undefined;
  const dialog = {
    title: t('Lens that gets these labels'),
    openLabel: write,
    filters: { [t('Lenses')]: ['json'] },
  };
  return (await window.showOpenDialog(dialog))?.[0]?.fsPath;
}
