/** One test of the ONNX project: a model, inputs, and what they have to give; from folders or from a packed sample. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeModel } from '../../server/src/onnx/decode';
import { decodeTensor } from '../../server/src/onnx/decode-tensor';
import type { ConstantTensor, Model } from '../../server/src/onnx/model';
import { MessageReader, Source } from '../../server/src/onnx/protobuf-reader';

export interface BackendCase {
  readonly name: string;
  /** Throws where the model cannot be read. */
  model(): Model;
  /** In the order of the model's inputs. */
  inputs(): readonly ConstantTensor[];
  outputs(): readonly ConstantTensor[];
}

interface Packed {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export const tensorOf = (bytes: Uint8Array): ConstantTensor => {
  const source = new Source(
    new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    'a test tensor',
  );
  return decodeTensor(new MessageReader(source, 0, bytes.byteLength), 'a test tensor').tensor;
};

/** Every folder with a model and data below `path`, or the cases of a packed sample. */
export function casesOf(path: string): readonly BackendCase[] {
  if (statSync(path).isFile()) return packed(path);
  if (existsSync(join(path, 'model.onnx'))) return [ofFolder(path)];
  const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => casesOf(join(path, name)));
}

function ofFolder(path: string): BackendCase {
  const data = join(path, 'test_data_set_0');
  const tensors = (kind: string): ConstantTensor[] => {
    const found: ConstantTensor[] = [];
    for (let i = 0; existsSync(join(data, `${kind}_${i}.pb`)); i++)
      found.push(tensorOf(readFileSync(join(data, `${kind}_${i}.pb`))));
    return found;
  };
  return {
    name: basename(path),
    model: () => decodeModel(readFileSync(join(path, 'model.onnx')), basename(path)),
    inputs: () => tensors('input'),
    outputs: () => tensors('output'),
  };
}

function packed(path: string): readonly BackendCase[] {
  const all = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Record<string, Packed>;
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  return Object.entries(all).map(([name, { model, inputs, outputs }]) => ({
    name,
    model: () => decodeModel(bytes(model), name),
    inputs: () => inputs.map((text) => tensorOf(bytes(text))),
    outputs: () => outputs.map((text) => tensorOf(bytes(text))),
  }));
}
