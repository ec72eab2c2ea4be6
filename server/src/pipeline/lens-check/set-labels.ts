/**
 * Replaces the labels in a lens: nothing else changes, comments stay; a missing lens is created with only
 * labels.
 */
import { existsSync } from 'node:fs';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { isInside } from '../../../../files/inside';
import type { SetLabels } from '../../../../protocol/answers';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import { LensError } from '../../errors';
import { edited, setValue } from '../../lens/edit-lens';
import { lensOf, readText } from '../../lens/lens-file';
import { labelsOfLens } from '../../lens/lens-labels';
import { outputError } from '../../report/output-error';

/** @throws LensError of kind `usage` for a name that no lens has */
export function requireLensName(lens: string): void {
  if (lens.endsWith(LENS_SUFFIX)) return;
  throw new LensError('usage', `${lens}: expected a name that ends with ${LENS_SUFFIX}, found another.`, {
    fix: `A lens beside its model has the model's name: model.onnx and model${LENS_SUFFIX}.`,
  });
}

/** @param before the lens's text, with its byte order mark; null for a new lens. @param labels names by index, or the path of a file that lists them */
export async function writeLabels(
  lens: string,
  before: string | null,
  labels: string | readonly string[],
): Promise<readonly string[]> {
  const text = before ?? '{\n}\n';
  const changed = edited(text, setValue(text, ['labels'], labels, { first: true }));
  // Make sure that the result, and the file that it names, can be read.
  const found = await labelsOfLens(lensOf(changed, lens), { trusted: true });
  await replaceText(before === null ? lens : await realpath(lens), changed);
  return found?.labels ?? [];
}

/**
 * Names a file of class names in a lens, by its path from there. Of one that does not lie below the lens's folder the names themselves are
 * written: a lens beside its model may come with any model, so what it names elsewhere is not read.
 * @param lens absolute path. @param file absolute path of a list of class names
 * @throws LensError of kind `usage` where the file holds no class names, or the lens cannot be read
 */
export async function setLabels(lens: string, file: string): Promise<SetLabels> {
  requireLensName(lens);
  const isNew = !existsSync(lens);
  const folder = dirname(lens);
  const named = isInside(file, folder)
    ? relative(folder, file).split(sep).join('/')
    : ((await labelsOfLens(lensOf(JSON.stringify({ labels: file }), lens), { trusted: true }))?.labels ?? []);
  const labels = await writeLabels(lens, isNew ? null : await readText(lens, true), named);
  return { lens, isNew, labels: labels.length };
}

async function replaceText(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    await writeFile(beside, text, { flag: 'wx' });
    const present = await stat(path).catch(() => null);
    if (present !== null) await chmod(beside, present.mode);
    await rename(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw outputError(path, thrown);
  }
}
