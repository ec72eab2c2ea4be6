/** What PyTorch computed with a model of the conformance page: written by `test/reference/conformance/make_models.py`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor of PyTorch's forward pass, read as a map in one of the ways that its shape allows. */
export interface ReferenceTensor {
  /** Modules that gave it. */
  readonly paths: readonly string[];
  /** The function that made it. */
  readonly operation: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Sum of its squares. */
  readonly squares: number;
  /** Relative L2 distance between its CAM and that of the same picture with noise of 1e-6. */
  readonly moves: number;
  /** [y][x], means over channels. */
  readonly mean: Float32Array;
  /** [y][x], Grad-CAM before its ReLU, by autograd. */
  readonly cam: Float32Array;
}

/** A model as one exporter wrote it. */
export interface Export {
  readonly file: string;
  readonly opset: number;
  /** By onnxruntime in Python, of the file. */
  readonly logits: readonly number[];
}

export interface Reference {
  readonly name: string;
  /** As its library has it: the page names its layers one by one. */
  readonly whole?: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly shape: readonly number[];
  readonly image: Float32Array;
  readonly target: number;
  readonly tensors: readonly ReferenceTensor[];
  readonly exports: Readonly<Record<string, Export | { readonly failure: string }>>;
}

type Header = Omit<Reference, 'image' | 'tensors'> & {
  readonly tensors: readonly Omit<ReferenceTensor, 'mean' | 'cam'>[];
};

/** Of `<name>.json` and `<name>.bin`: the image, then mean and CAM of each tensor. */
export function readReference(json: string, values: Uint8Array): Reference {
  const header = JSON.parse(json) as Header;
  const floats = new Float32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  let at = 0;
  const take = (count: number): Float32Array => floats.subarray(at, (at += count));
  const image = take(header.shape.reduce((product, length) => product * length, 1));
  const tensors = header.tensors.map((tensor) => {
    const count = tensor.height * tensor.width;
    return { ...tensor, mean: take(count), cam: take(count) };
  });
  if (at !== floats.length) throw new Error(`${header.name}: ${floats.length} values, expected ${at}`);
  return { ...header, image, tensors };
}

/** One after another, since all together are large. */
export function* referencesIn(folder: string): Generator<Reference> {
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue;
    const path = join(folder, file);
    yield readReference(readFileSync(path, 'utf8'), readFileSync(path.replace(/json$/, 'bin')));
  }
}

export const namesIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Header).name);
