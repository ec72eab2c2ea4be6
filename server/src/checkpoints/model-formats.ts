/** Models of other tools, by how they begin or what they are called, and how each becomes an ONNX file. */
import { basename } from 'node:path';

export interface ModelFormat {
  /** Completes `It is`. */
  readonly is: string;
  readonly fix: string;
  /** Latin-1, at byte `at`. */
  readonly starts?: readonly string[];
  readonly at?: number;
  /** In the first 512 bytes. */
  readonly holds?: RegExp;
  readonly ending?: RegExp;
}

const KERAS =
  'Export it in Python: keras.saving.load_model(path).export("model.onnx", format="onnx") in Keras 3, tf2onnx.convert.from_keras before.';
const FROM_TFLITE = 'Convert it in Python: tf2onnx.convert.from_tflite(path, output_path="model.onnx").';
const ENGINE =
  'An engine is bound to one GPU and cannot be converted back: use the ONNX file that it was built from.';
const COREML =
  'A Core ML model cannot be converted back: export the original network to ONNX (torch.onnx.export).';
const BUILT =
  'Give the path of the ONNX file that it was converted from, or export the network to ONNX again.';
const OPENVINO =
  'An IR cannot be converted back: export the original network to ONNX, with torch.onnx.export or optimum-cli export onnx.';

/** The first that fits; what a file begins with is surer than its name. */
const FORMATS: readonly ModelFormat[] = [
  { is: 'the graph of an OpenVINO IR', holds: /<net\s[^>]*\bname=/, fix: OPENVINO },
  { is: 'an HDF5 file (Keras)', starts: ['\u0089HDF\r\n'], fix: KERAS },
  {
    is: 'a TensorFlow Lite model',
    ...{ starts: ['TFL3'], at: 4 },
    fix: FROM_TFLITE,
  },
  { is: 'a TensorRT engine', starts: ['ftrt', 'ptrt'], fix: ENGINE },
  {
    is: 'an ExecuTorch program',
    ...{ starts: ['ET1'], at: 4 },
    fix: 'A program cannot be converted back: export the network in Python with torch.onnx.export.',
  },
  {
    is: "a model in onnxruntime's own ORT format, which is bound to the operators of one build of it",
    ...{ starts: ['ORTM'], at: 4 },
    fix: 'Give the path of the .onnx file that it was converted from.',
  },
  { is: 'the graph of an ncnn model', starts: ['7767517'], fix: BUILT },
  { is: 'an RKNN model', starts: ['RKNN'], fix: BUILT },
  {
    is: 'an XML file, but not the graph of an OpenVINO IR',
    starts: ['<?xml'],
    fix: 'Give the path of a model.',
  },
  {
    is: 'a TensorFlow graph, judging by its name',
    ending: /\.pb$/i,
    fix: 'Convert it in Python with tf2onnx: of a SavedModel give the whole folder, of a frozen graph the names of its inputs and outputs too.',
  },
  { is: 'a Keras model, judging by its name', ending: /\.(h5|hdf5|keras)$/i, fix: KERAS },
  { is: 'a Core ML model, judging by its name', ending: /\.mlmodel$/i, fix: COREML },
  { is: 'a TensorRT engine, judging by its name', ending: /\.(engine|trt|plan)$/i, fix: ENGINE },
  {
    is: 'a Caffe model, judging by its name',
    ending: /\.(caffemodel|prototxt)$/i,
    fix: 'Convert it to ONNX, for example with caffe2onnx.',
  },
  {
    is: 'a Paddle model, judging by its name',
    ending: /\.(pdmodel|pdiparams)$/i,
    fix: 'Convert the folder that it lies in with paddle2onnx.',
  },
  {
    is: 'Flax parameters, judging by its name',
    ending: /\.msgpack$/i,
    fix: 'Save them as safetensors, or export the network to ONNX.',
  },
  {
    is: 'a model built for one runtime, judging by its name',
    ending: /\.(mnn|ncnn|dlc|hef|blob|param|rknn)$/i,
    fix: BUILT,
  },
  {
    is: 'perhaps the weights of an OpenVINO IR, judging by its name',
    ending: /\.bin$/i,
    fix: `Files with this name are expected to be written by torch.save. ${OPENVINO}`,
  },
];

/** @param head the first 512 bytes, or all there are @returns null for what is not a model that is known here */
export function modelFormat(head: Buffer, path: string): ModelFormat | null {
  const text = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  const name = basename(path);
  const fits = ({ starts, at = 0, holds, ending }: ModelFormat): boolean =>
    starts?.some((start) => text.startsWith(start, at)) === true ||
    holds?.test(text) === true ||
    ending?.test(name) === true;
  return FORMATS.find(fits) ?? null;
}

/** Of a zip that is not a checkpoint, by its contents. */
export function zippedFormat(members: readonly string[]): ModelFormat | null {
  const has = (pattern: RegExp): boolean => members.some((name) => pattern.test(name));
  if (has(/(^|\/)model\.weights\.h5$/)) return { is: 'a Keras model', fix: KERAS };
  if (has(/(^|\/)archive_format$/) || has(/(^|\/)serialized_exported_program\.json$/))
    return {
      is: 'a program of torch.export',
      fix: 'Export it in Python: torch.onnx.export(torch.export.load(path), f="model.onnx", dynamo=True).',
    };
  return null;
}

/** Of a folder without a checkpoint, by its contents. */
export function folderFormat(names: readonly string[], folder: string): ModelFormat | null {
  if (names.includes('saved_model.pb'))
    return {
      is: 'a TensorFlow SavedModel',
      fix: 'Convert the folder in Python with tf2onnx, which writes an ONNX file.',
    };
  if (/\.mlpackage$/i.test(folder) && names.includes('Manifest.json'))
    return { is: 'a Core ML package', fix: COREML };
  const ir = names.find((name) => /\.xml$/i.test(name));
  return ir !== undefined && names.includes(ir.replace(/xml$/i, 'bin'))
    ? { is: 'an OpenVINO IR', fix: OPENVINO }
    : null;
}
