/** Which lens gets the labels that an evaluation found: the one beside the weights, or another. */
import { isAbsolute } from 'node:path';
import { window } from 'vscode';
import { LENS_SUFFIX } from '../../../protocol/lens';

/** `/models/best.lens.json` of `/models/best.onnx`. */
const lensBeside = (weights: string): string => weights.replace(/\.[^./\\]+$/, '') + LENS_SUFFIX;

/**
 * Undefined where the reader wants nothing written after all. @param weights as they were chosen; null where
 * the settings name them
 */
export async function pickLens(weights: string | null): Promise<string | undefined> {
  const beside = weights !== null && isAbsolute(weights) ? lensBeside(weights) : null;
  const write = 'Write Labels';
  const other = 'Another Lens...';
  const detail =
    'Only its labels change; comments and everything else stay. A lens that does not exist is created.';
  const chosen =
    beside === null
      ? other
      : await window.showInformationMessage(
          `Write these labels to ${beside}?`,
          { modal: true, detail },
          write,
          other,
        );
  if (chosen === write) return beside ?? undefined;
  if (chosen !== other) return undefined;
  const dialog = { title: 'Lens that gets these labels', openLabel: write, filters: { Lenses: ['json'] } };
  return (await window.showOpenDialog(dialog))?.[0]?.fsPath;
}
