/**
 * A lens as it is saved in the store: without the key "model", since it is bound to stored weights, and with
 * its labels written out. Comments are preserved.
 */
import { applyEdits, modify } from 'jsonc-parser';
import { readText, type NamedLens } from './lens-file';
import { labelsOfLens } from './lens-labels';

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } } as const;

/** @param lens of a file. @throws LensError of kind `usage` where its labels cannot be read */
export async function portableLens(lens: NamedLens & { readonly path: string }): Promise<string> {
  const change = (text: string, key: string, value: unknown): string =>
    applyEdits(text, modify(text, [key], value, FORMAT));
  const text = await readText(lens.path);
  const alone = lens.lens.model === undefined ? text : change(text, 'model', undefined);
  if (typeof lens.lens.labels !== 'string') return alone;
  const found = await labelsOfLens(lens, { trusted: true });
  return change(alone, 'labels', found?.labels ?? []);
}
