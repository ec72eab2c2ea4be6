/** Models of other tools: each is named for what it is, with the way to an ONNX file. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { mainFile } from '../../../server/src/checkpoints/shards';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('model-formats');

const written = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
  return path;
};

const files: readonly (readonly [name: string, text: string, is: RegExp, fix: RegExp])[] = [
  [
    'a.xml',
    '<?xml version="1.0"?>\n<net name="r" version="11">',
    /graph of an OpenVINO IR/,
    /torch\.onnx\.export/,
  ],
  ['a.bin', 'nothing known', /perhaps the weights of an OpenVINO IR/, /torch\.save/],
  ['b.xml', '<?xml version="1.0"?><annotation/>', /XML file, but not the graph/, /path of a model/],
  ['a.tflite', '\x1c\0\0\0TFL3', /TensorFlow Lite/, /from_tflite/],
  ['a.pb', '\x0a\x10\x0a\x05input', /TensorFlow graph/, /tf2onnx/],
  ['a.h5', '\x89HDF\r\n\x1a\n', /HDF5 file \(Keras\)/, /format="onnx"/],
  ['a.mlmodel', '\x08\x04\x12\x10', /Core ML model/, /cannot be converted back/],
  ['a.engine', 'ftrt\0\0', /TensorRT engine\./, /built from/],
  ['b.plan', 'nothing known', /TensorRT engine, judging by its name/, /built from/],
  ['a.pte', '\x1c\0\0\0ET12', /ExecuTorch program/, /torch\.onnx\.export/],
  ['a.param', '7767517\n3 3\n', /ncnn/, /converted from/],
  ['a.pdmodel', '\x0a\x20', /Paddle model/, /paddle2onnx/],
];

describe('files', () => {
  for (const [name, text, message, fix] of files)
    test(name, () =>
      assert.rejects(openCheckpoint(written(name, text), {}), { kind: 'model', message, fix }),
    );
});

const folders: readonly (readonly [name: string, files: readonly string[], is: RegExp])[] = [
  ['saved', ['saved_model.pb', 'variables/variables.index'], /TensorFlow SavedModel/],
  ['net.mlpackage', ['Manifest.json'], /Core ML package/],
  ['ir', ['model.xml', 'model.bin'], /OpenVINO IR/],
];

describe('folders', () => {
  for (const [name, inside, message] of folders)
    test(name, () => {
      for (const file of inside) written(join(name, file), 'x');
      return assert.rejects(mainFile(join(folder, name)), { kind: 'model', message });
    });
});
