/** Reads ONNX models and their tensors from disk. */
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LensError } from '../errors';
import { decodeModel } from './decode';
import { openToRead } from '../../../files/opened';
import { checkExternal, readExternal, readRange } from './external-data';
import type { Model } from './model';
import { isExternal } from './model';
import { MAX_MESSAGE_BYTES } from './schema';
import type { TypedTensor } from './typed-data';
import { isNumeric, typedTensor } from './typed-data';

export { decodeModel } from './decode';

/**
 * Reads a model file. Tensors in external data files stay references, after checking that each is below the
 * model's folder and long enough; `readInitializer` reads them.
 * @throws LensError 'model' naming the file, what was expected, what was found and what to do.
 */
export async function readModel(path: string): Promise<Model> {
  const model = decodeModel(await readWhole(path), path);
  await checkDataFiles(model, dirname(path));
  return model;
}

/** Checks each file once, for the tensor that ends last in it; if the file is too short, the error names the first missing tensor. */
async function checkDataFiles({ graph }: Model, folder: string): Promise<void> {
  const external = [...graph.initializers].flatMap(([name, { data }]) =>
    isExternal(data) ? [{ name, data, end: data.offset + data.length }] : [],
  );
  const last = new Map<string, (typeof external)[number]>();
  for (const tensor of external) {
    const { location } = tensor.data;
    if (tensor.end > (last.get(location)?.end ?? -1)) last.set(location, tensor);
  }
  const check = async (tensors: Iterable<(typeof external)[number]>): Promise<void> => {
    for (const { name, data } of tensors) await checkExternal(folder, data, `tensor "${name}"`);
  };
  await check(last.values()).catch(() => check(external));
}

/**
 * The values of an initializer, from the model or from its external data file below `folder`, the model's.
 * Reads only this tensor's bytes, so data files may have any size.
 * @throws LensError 'model' if there is no such tensor, it holds strings, or its data file cannot be read.
 */
export async function readInitializer(model: Model, name: string, folder: string): Promise<TypedTensor> {
  const tensor = model.graph.initializers.get(name);
  if (tensor === undefined) {
    throw new LensError(
      'model',
      `${folder}: expected an initializer "${name}" in graph "${model.graph.name}", found none.`,
      {
        fix: 'Export the model again: a node refers to weights that are not there.',
      },
    );
  }
  const { type, dims, data } = tensor;
  if (!isNumeric(type)) {
    throw new LensError('model', `${folder}: expected numbers in initializer "${name}", found strings.`, {
      fix: 'Export the model with numbers as its weights.',
    });
  }
  const bytes = isExternal(data) ? await readExternal(folder, data, `tensor "${name}"`) : data;
  return typedTensor(type, dims, bytes);
}

async function readWhole(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await openToRead(path);
    const stats = await file.stat();
    if (!stats.isFile()) throw unreadable(path, stats.isDirectory() ? 'a folder' : 'something else');
    if (stats.size > MAX_MESSAGE_BYTES) {
      throw new LensError(
        'model',
        `${path}: expected at most ${MAX_MESSAGE_BYTES} bytes, found ${stats.size}.`,
        {
          fix: 'ONNX files are limited to 2 GiB: export the model with external data (save_as_external_data=True).',
        },
      );
    }
    return await readRange(file, 0, stats.size, path);
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    const { code, message } = thrown as NodeJS.ErrnoException;
    throw unreadable(path, code === 'ENOENT' ? 'nothing there' : message, thrown);
  } finally {
    await file?.close();
  }
}

function unreadable(path: string, found: string, cause?: unknown): LensError {
  return new LensError('model', `${path}: expected a readable ONNX file, found ${found}.`, {
    code: 'no-model',
    fix: 'Give the path of an .onnx file that you can read.',
    ...(cause === undefined ? {} : { cause }),
  });
}
