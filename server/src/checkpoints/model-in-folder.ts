/** The model in a folder, as exporters and Hugging Face lay it out: `model.onnx`, `onnx/model.onnx`, `model.safetensors`, or the only one there. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError, nameList } from './error';
import { folderFormat } from './model-formats';

/** In this order. */
const USUAL = ['model.onnx', join('onnx', 'model.onnx'), 'model.safetensors', 'pytorch_model.bin'] as const;

const MODEL = /\.(onnx|safetensors|pth|pt|ckpt|bin|tar)$/i;

/** Names that are looked through. */
const MOST_NAMES = 10_000;

/** Null where the folder holds none. @throws CheckpointError where it holds several and none takes precedence */
export async function modelInFolder(folder: string): Promise<string | null> {
  const names = [
    ...(await filesIn(folder)),
    ...(await filesIn(join(folder, 'onnx'))).map((name) => join('onnx', name)),
  ];
  const usual = USUAL.find((name) => names.includes(name));
  if (usual !== undefined) return join(folder, usual);
  const format = folderFormat(names, folder);
  if (format !== null)
    throw new CheckpointError({ file: folder }, `is ${format.is}, not a checkpoint`, {
      kind: 'unsupported',
      fix: format.fix,
    });
  const models = names.filter((name) => MODEL.test(name));
  const graphs = models.filter((name) => /\.onnx$/i.test(name));
  const [only, ...others] = graphs.length > 0 ? graphs : models;
  if (only === undefined) return null;
  if (others.length === 0) return join(folder, only);
  throw new CheckpointError(
    { file: folder },
    `is a folder with ${others.length + 1} models, ${nameList([only, ...others])}`,
    { kind: 'unsupported', fix: 'Give the path of one of them.' },
  );
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .slice(0, MOST_NAMES)
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort();
}
