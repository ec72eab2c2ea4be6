/** The files that a script reads: what the network received, and a graph, in `python` in the folder of the report. */
import { lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npy } from '../../../../protocol/npy';
import { LensError } from '../../errors';
import type { Model } from '../../onnx/model';
import { writeModel } from '../../onnx/write';
import { outputError } from '../../report/output-error';
import type { Tensor } from '../../runtime/session';

/** @param folder of a report, which may come from anyone: a link in the place of `python` would lead elsewhere */
export async function snippetFolder(folder: string): Promise<string> {
  const path = join(folder, 'python');
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw outputError(path, error);
  }
  if ((await lstat(path)).isDirectory()) return path;
  throw new LensError('output', `${path}: expected a folder, found a link.`, {
    fix: 'Analyze the image again to get a new report.',
  });
}

/** @returns its path */
export async function exportInput(folder: string, tensor: Tensor): Promise<string> {
  if (tensor.type !== 'float32') throw new Error(`The input is ${tensor.type}, not float32.`);
  const path = join(folder, 'input.npy');
  try {
    await writeFile(`${path}.partial`, npy(tensor.dims, tensor.data), { flag: 'w' });
    await rename(`${path}.partial`, path); // replaces a link too
  } catch (error) {
    throw outputError(path, error);
  }
  return path;
}

/** @returns its path, and that of its weights where they lie beside it */
export async function exportGraph(folder: string, name: string, model: Model): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeModel(model, path);
  return path;
}
