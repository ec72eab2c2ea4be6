/** The files that weights consist of: one, or several that only make sense together (parts with their index, ONNX and its data). */
import type { FileHandle } from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { openToRead } from '../../../files/opened';
import { isShardIndex, mainFile, readShardIndex, requireOpenPart } from '../checkpoints/shards';
import { checkLocation, openExternal } from '../onnx/external-data';
import { isExternal } from '../onnx/model';
import type { Model } from '../onnx/model';
import { metadataOf } from '../onnx/metadata';
import { skimModel } from '../onnx/skim';

export interface ModelFile {
  /** Relative to the main file's folder, with `/` between its parts. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** @throws LensError, or what the file system throws, where it lies elsewhere once it is open */
  readonly open: () => Promise<FileHandle>;
}

export const isOnnxFile = (path: string): boolean => extname(path).toLowerCase() === '.onnx';

/** What an ONNX file says of itself, read without its graph; empty for all others. */
export const metadataIn = (path: string): Promise<ReadonlyMap<string, string>> =>
  isOnnxFile(path) ? metadataOf(path) : Promise.resolve(new Map());

/**
 * The main file first: for a folder or a part it is the index, else the file itself.
 * @throws LensError of kind `model` for an index or a graph that names what is not there, or not beside it
 */
export async function modelFiles(path: string, signal?: AbortSignal): Promise<readonly ModelFile[]> {
  const main = await mainFile(path);
  const beside = await namesBeside(main, signal);
  const folder = dirname(main);
  const openBeside = (name: string): Promise<FileHandle> =>
    isShardIndex(main) ? openPart(main, name) : openExternal(folder, name, 'the model');
  const at = (name: string): ModelFile => ({
    ...{ name, path: join(folder, ...name.split('/')) },
    open: () => openBeside(name),
  });
  return [{ name: basename(main), path: main, open: () => openToRead(main) }, ...beside.map(at)];
}

async function openPart(index: string, name: string): Promise<FileHandle> {
  const file = await openToRead(join(dirname(index), name));
  try {
    await requireOpenPart(index, name, file);
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Names of the files beside a main file that hold its weights, sorted. @throws LensError as `modelFiles` */
export async function namesBeside(main: string, signal?: AbortSignal): Promise<readonly string[]> {
  if (isShardIndex(main)) return [...(await readShardIndex(main, signal)).shards].sort();
  if (!isOnnxFile(main)) return [];
  const own = basename(await realpath(main).catch(() => main)); // which a model that was skimmed refers to
  return externalNames((await skimModel(main)).model, main).filter((name) => name !== own);
}

function externalNames({ graph }: Model, file: string): readonly string[] {
  const names = [...graph.initializers].flatMap(([name, { data }]) =>
    isExternal(data) ? [checkLocation(data.location, `tensor "${name}"`, file)] : [],
  );
  return [...new Set(names)].sort();
}
