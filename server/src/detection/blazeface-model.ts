/** BlazeFace's network, read from its publisher's file. */
import { tfliteToOnnx } from '../checkpoints/tflite';
import type { Model } from '../onnx/model';
import { readBlazefaceFile } from './blazeface-file';

/** The model as its publisher has it, converted (about 0.1 s). @throws LensError 'model' if it is missing or changed. */
export async function readBlazeFace(): Promise<Model> {
  const { path, bytes } = await readBlazefaceFile('full_range');
  return tfliteToOnnx(bytes, path);
}
