/** Recognizes files that are commonly mistaken for ONNX models, so that the error can say what they are. */
import { LensError } from '../errors';

interface Foreign {
  readonly starts: string;
  readonly found: string;
  readonly fix: string;
}

const CHECKPOINT = 'Checkpoints have extensions other than .onnx: rename the file, for example to .pth.';
const DOWNLOAD = 'Download it again with a direct link to the file.';

const foreign: readonly Foreign[] = [
  { starts: 'PK\x03\x04', found: 'a zip archive, such as a PyTorch checkpoint', fix: CHECKPOINT },
  { starts: '\x80\x02', found: 'a Python pickle, such as an old PyTorch checkpoint', fix: CHECKPOINT },
  { starts: '\x1f\x8b', found: 'a gzip archive', fix: 'Unpack it first.' },
  {
    starts: 'version https://git-lfs',
    found: 'a Git LFS pointer instead of the file it stands for',
    fix: 'Run `git lfs pull`, or download the file itself.',
  },
  { starts: '<!', found: 'a web page', fix: DOWNLOAD },
  { starts: '<h', found: 'a web page', fix: DOWNLOAD },
  { starts: '{', found: 'a JSON text', fix: DOWNLOAD },
];

/** @throws LensError 'model' if there are no bytes, or they begin like another kind of file. */
export function refuseForeign(bytes: Uint8Array, name: string): void {
  if (bytes.byteLength === 0) {
    throw new LensError('model', `${name}: expected an ONNX model, found an empty file.`, {
      fix: 'Export or download it again.',
    });
  }
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  // TensorFlow Lite files carry their mark behind a four-byte offset.
  if (start.startsWith('TFL3', 4))
    throw mistaken(
      name,
      'a TensorFlow Lite model',
      'Convert it in Python: tf2onnx.convert.from_tflite(path, output_path="model.onnx").',
    );
  if (start.startsWith('ORTM', 4))
    throw mistaken(
      name,
      "a model in onnxruntime's own ORT format, which is bound to the operators of one build of it",
      'Give the path of the .onnx file that it was converted from.',
    );
  const match = foreign.find(({ starts }) => start.startsWith(starts));
  if (match !== undefined) throw mistaken(name, match.found, match.fix);
}

const mistaken = (name: string, found: string, fix: string): LensError =>
  new LensError('model', `${name}: expected an ONNX model, found ${found}.`, {
    fix,
    ...(fix === CHECKPOINT ? { remedies: ['import-file'] } : {}),
  });
