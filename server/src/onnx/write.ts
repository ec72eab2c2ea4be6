/** Writes a model to disk: the graph in an ONNX file, large weights in an external data file beside it. */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LensError } from '../errors';
import { both } from '../system/both';
import { offsetsIn, writeAt } from './data-file';
import { encodePieces } from './encode';
import type { ConstantTensor, Model } from './model';
import { isExternal } from './model';

export { encodeModel } from './encode';

export interface WriteOptions {
  /** Initializers of more bytes than this go to the weights file; default 64 KiB, at least 1 KiB. Infinity leaves all inline. */
  readonly externalOver?: number;
  /** Name (not path) of the weights file; default `<model file>.data`. */
  readonly weightsFile?: string;
}

const EXTERNAL_OVER = 64 * 1024;

/** Shape inference reads small tensors (target shapes, axes, scales) from the model file only, so they stay in it. */
const ALWAYS_INLINE_BYTES = 1024;

/**
 * Writes `model` to `path`. Each file is written under a temporary name beside its target and then renamed, weights first,
 * so a reader never sees half a file. Tensors that are already external stay references into the same folder.
 * @throws LensError 'output' when the folder cannot be written; nothing is left behind then.
 */
export async function writeModel(model: Model, path: string, options: WriteOptions = {}): Promise<void> {
  const weightsFile = options.weightsFile ?? `${basename(path)}.data`;
  checkWeightsFile(model, path, weightsFile);
  const suffix = `.${randomUUID()}.partial`;
  const weightsPath = join(dirname(path), weightsFile);
  const { slim, moved } = moveOut(
    model,
    weightsFile,
    Math.max(options.externalOver ?? EXTERNAL_OVER, ALWAYS_INLINE_BYTES),
  );
  try {
    // The graph is encoded while the weights are written.
    await both(
      moved.length === 0
        ? Promise.resolve()
        : writeFile(weightsPath + suffix, (file) => writeAll(file, moved)),
      writeFile(path + suffix, (file) => writePieces(file, encodePieces(slim))),
    );
    if (moved.length > 0) await rename(weightsPath + suffix, weightsPath);
    await rename(path + suffix, path);
  } catch (thrown) {
    await Promise.all(
      [weightsPath, path].map((target) => rm(target + suffix, { force: true }).catch(() => undefined)),
    );
    if (thrown instanceof LensError) throw thrown;
    throw new LensError('output', `${path}: the model could not be written: ${(thrown as Error).message}`, {
      fix: 'Check that the folder exists, is writable and has space.',
      cause: thrown,
    });
  }
}

async function writeAll(file: FileHandle, moved: readonly Moved[]): Promise<void> {
  for (const { data, offset } of moved) await writeAt(file, data, offset);
}

async function writePieces(file: FileHandle, pieces: Iterable<Uint8Array>): Promise<void> {
  let at = 0;
  for (const piece of pieces) {
    await writeAt(file, piece, at);
    at += piece.byteLength;
  }
}

interface Moved {
  readonly data: Uint8Array;
  readonly offset: number;
}

/** The model with its large inline initializers replaced by references, and the contents of the weights file. */
function moveOut(model: Model, location: string, over: number): { slim: Model; moved: readonly Moved[] } {
  const large = [...model.graph.initializers].flatMap(([name, tensor]) => {
    const { data, type } = tensor;
    return isExternal(data) || type === 'string' || data.byteLength <= over ? [] : [{ name, tensor, data }];
  });
  const offsets = offsetsIn(large.map(({ data }) => data.byteLength));
  const moved = large.map(({ data }, i): Moved => ({ data, offset: offsets[i] ?? 0 }));
  const initializers = new Map<string, ConstantTensor>(model.graph.initializers); // in the same order
  large.forEach(({ name, tensor, data }, i) => {
    const { offset = 0 } = moved[i] ?? {};
    initializers.set(name, { ...tensor, data: { location, offset, length: data.byteLength } });
  });
  return { slim: { ...model, graph: { ...model.graph, initializers } }, moved };
}

function checkWeightsFile(model: Model, path: string, weightsFile: string): void {
  if (
    weightsFile === '' ||
    weightsFile !== basename(weightsFile) ||
    weightsFile === '.' ||
    weightsFile === '..'
  ) {
    throw new LensError(
      'usage',
      `${path}: the weights file must be a plain file name; found "${weightsFile}".`,
      {
        fix: 'External data lies beside the model: give a name without folders.',
      },
    );
  }
  for (const [name, { data }] of model.graph.initializers) {
    if (isExternal(data) && data.location === weightsFile) {
      throw new LensError(
        'usage',
        `${path}: tensor "${name}" already lies in "${weightsFile}", which would be overwritten.`,
        {
          fix: 'The two need different names: rename one of them.',
        },
      );
    }
  }
}

async function writeFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await write(file);
  } finally {
    await file.close();
  }
}
