/**
 * Every model of ../shared/cases/onnx, analyzed as a user would: the numbers that onnxruntime gives in Python, the layers that are shown, or
 * the words of the refusal. Models of the same kinds that need nothing beside the checkout are made in test/unit/onnx-classifier.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { buildForwardGraph } from '../../../server/src/explain/forward';
import { decodeImage } from '../../../server/src/imaging/decode';
import type { Precision } from '../../../server/src/lowering/precision';
import { encodeModel } from '../../../server/src/onnx/write';
import { wholeImage } from '../../../server/src/pipeline/face/crop';
import type { DecidedNetwork } from '../../../server/src/pipeline/network/decide-activation';
import { decideActivation } from '../../../server/src/pipeline/network/decide-activation';
import { FileSession } from '../../../server/src/pipeline/network/file-session';
import { resolveWeights } from '../../../server/src/pipeline/network/weights';
import { prepareInput } from '../../../server/src/pipeline/steps/preprocess';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../server/src/runtime/session';
import { ModelStore } from '../../../server/src/store/store';
import type { Classification } from '../../../server/src/pipeline/network/classify';
import { classify } from '../../../server/src/pipeline/network/classify';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { feedFor } from '../../../server/src/pipeline/steps/feed';
import { readyLens } from '../../support/lens';
import { readGolden } from '../../support/golden';
import { sharedFile } from '../../support/shared';
import { temporaryFolder } from '../../support/temp';

interface Golden {
  readonly models: readonly {
    readonly file: string;
    readonly sha256: string;
    /** By the file's own names; missing where it is not run. */
    readonly outputs?: Readonly<Record<string, readonly number[]>>;
  }[];
}

interface Right {
  /** Which of the file's outputs is explained; its only one where it is left out. */
  readonly output?: string;
  /** What that output holds: `logits` unless it says otherwise. */
  readonly holds?: 'logits' | 'probabilities' | 'index' | 'largest';
  readonly layers: number;
  /** The first and the last default layer. */
  readonly first: string;
  readonly last: string;
  readonly note?: RegExp;
  /** Of the largest logit; quantized kernels of two runtimes round differently. */
  readonly tolerance?: number;
}

/** Of the plain network behind most of the cases, as torch's older exporter names it, alone and in a wrapper. */
const PLAIN = { layers: 12, first: 'stem.0.conv', last: 'Add_1' } as const;
const WRAPPED = { layers: 12, first: 'm.stem.0.conv', last: 'm.Add_1' } as const;
const OPEN = /leaves its size open/;
const EIGHT_BIT = 0.03;

const explained: Readonly<Record<string, Right>> = {
  ...Object.fromEntries(
    ['opset9', 'opset10', 'relu6_opset9', 'op_upsample9', 'fp16', 'fp16_keep_io', 'ort_extended'].map((name) => [name, PLAIN]),
  ),
  ...Object.fromEntries(
    ['celu', 'cumsum', 'gatherelements', 'gridsample', 'scatter', 'topk'].map((name) => [`op_${name}`, PLAIN]),
  ),
  ...Object.fromEntries(
    ['qdq_int8', 'qdq_int8_perchannel', 'qoperator_int8', 'dynamic_int8'].map((name) => [name, { ...PLAIN, tolerance: EIGHT_BIT }]),
  ),
  einsum: PLAIN,
  lstm_head: PLAIN,
  new_opset18: { layers: 12, first: 'stem.0.conv', last: 'Small.add_1' },
  new_group_norm21: { layers: 12, first: 'm.stem.0.conv', last: 'Wrap.add_1' },
  rms_norm_new23: { layers: 12, first: 'm.stem.0.conv', last: 'Wrap.add_1' },
  sdpa_opset23: { layers: 8, first: 'm.stem', last: 'q' },
  real_ppocr_cls_opset9: { layers: 22, first: 'relu_0.tmp_0', last: 'p2o.MaxPool.1', holds: 'probabilities', note: OPEN },
  real_ppocr_cls_identity_after_softmax: { layers: 22, first: 'relu_0.tmp_0', last: 'pool2d_9.tmp_0', holds: 'probabilities', note: OPEN },
  one_channel: { ...PLAIN, note: /takes one channel/ },
  nhwc_float: WRAPPED,
  keras_cnn: {
    ...{ layers: 7, first: 'sequential.conv2d', last: 'sequential.conv2d_2', holds: 'probabilities' },
    note: /normalizes "image" itself \(Mul, Add\)/,
  },
  keras_mnist: { layers: 3, first: 'sequential_2.conv2d_6.Conv2D', last: 'sequential_2.max_pooling2d_2' },
  keras_binary_nchw: { layers: 2, first: 'sequential_8.conv2d_16.Conv2D', last: 'sequential_8.conv2d_16', holds: 'probabilities' },
  uint8_nhwc: { ...WRAPPED, note: /normalizes "input" itself \(Div, Sub, Div\).*0\.\.255/ },
  uint8_nchw: { ...WRAPPED, note: /0\.\.255/ },
  float_0_255_inside: { ...WRAPPED, note: /0\.\.255/ },
  batch8: PLAIN,
  nonsquare: PLAIN,
  dyn_spatial: { ...PLAIN, note: OPEN },
  input3d: WRAPPED,
  logits4d: PLAIN,
  squeezed_one: WRAPPED,
  feat_first: { ...PLAIN, output: 'logits', note: /the others are "features"/ },
  embed_first: { ...PLAIN, output: 'logits', note: /the others are "embedding"/ },
  two_heads: { ...PLAIN, output: 'age', note: /the others are "gender"/ },
  argmax_out: { ...WRAPPED, holds: 'index', note: /picked by ArgMax/ },
  topk_out: { ...WRAPPED, output: 'p', holds: 'largest', note: /picked by TopK/ },
  sigmoid_one: { ...WRAPPED, holds: 'probabilities' },
  sigmoid_multi: { ...WRAPPED, holds: 'probabilities' },
  softmax_dim1_flatten: { ...WRAPPED, holds: 'probabilities' },
  channels_last_blocks: { layers: 9, first: 'stem', last: 'Add_3' },
  vit_tiny: { layers: 10, first: 'conv_proj', last: 'encoder.ln' },
  metadata_names: PLAIN,
};

const refused: Readonly<Record<string, RegExp>> = {
  four_channel: /has 4 channels; expected 3 \(RGB\) or 1 \(gray\)/,
  video5d: /this is a video or volume model/,
  two_inputs: /beside the image "image" the model takes "meta"/,
  seg: /this is a segmentation or other dense prediction model/,
  detect: /this is a detection \(detector\) model/,
  text: /this is a text model, which takes tokens/,
  ort_all: /onnxruntime has optimized the file for one CPU \(level "all"\)/,
};

const imagenet = readyLens('imagenet');
const { models } = readGolden<Golden>('onnx/shared-cases');
const folder = temporaryFolder('shared-cases');
const store = new ModelStore(join(folder, 'store'));

/** Each step of an analysis but gradients and pictures, which other tests have; nothing is optimized, which would take most of the time. */
async function seen(path: string, image: string) {
  const weights = await resolveWeights({ weights: path, architecture: null, stateDict: null }, imagenet, store);
  const network = await decideActivation(await weights.load({ inputSize: null }), 'auto');
  const { activation, input, file = null, layers, notes, proved } = network;
  const [, , height = 0, width = 0] = input.shape;
  const feed = feedFor(imagenet, proved);
  const { tensor } = prepareInput(wholeImage((await decodeImage(image, {})).image), feed, { width, height });
  const run = file === null ? ofGraph(network, tensor) : ofFile(network, file.precision, tensor);
  const outputs = await run;
  return { ...classify(outputs, activation), logits: [...outputs.logits], layers, allNotes: [...notes, ...feed.notes].join(' ') };
}

/** A quantized or 16-bit file: its own arithmetic, and where the runtime cannot, the float equivalent. */
async function ofFile(network: DecidedNetwork, precision: Precision, tensor: Tensor) {
  const { activation, logits, input } = network;
  const question = { precision, activation, logits, image: input.name, threshold: 0.5 };
  const session = new FileSession(question, () => Promise.resolve(network));
  try {
    const outputs = await session.run(tensor);
    return typeof outputs === 'string' ? await ofGraph(network, tensor) : outputs;
  } finally {
    await session.dispose();
  }
}

async function ofGraph({ model, input, logits, activation }: DecidedNetwork, tensor: Tensor) {
  const own = activation.probabilities?.tensor ?? logits;
  const graph = buildForwardGraph(model, input.shape, [...new Set([logits, own])]);
  const session = await createSession(encodeModel(graph), { provider: 'cpu', optimization: 'disabled' });
  try {
    const found = await session.run({ [input.name]: tensor });
    const values = (name: string) => Array.from(found[name]?.data ?? [], Number);
    return { logits: values(logits), probabilities: activation.probabilities === null ? null : values(own) };
  } finally {
    await session.dispose();
  }
}

/** What the file's output is compared with. */
function given({ logits, probabilities, predicted }: Classification & { readonly logits: readonly number[] }, holds: Right['holds']): readonly number[] {
  const all = holds === 'probabilities' || holds === 'largest' ? (probabilities ?? []) : logits;
  if (holds === 'index') return [predicted ?? NaN];
  if (holds === 'largest') return all.toSorted((a, b) => b - a);
  // One logit stands for two classes, of which the file gives the second.
  return holds === 'probabilities' && logits.length === 1 ? all.slice(1) : all;
}

describe('every shared model', () => {
  const path = (name: string): string => join('cases', 'onnx', `${name}.onnx`);

  test('is in one of the tables, with the bytes that the golden was made of', (t) => {
    const one = sharedFile(t, path('opset9'));
    if (one === null) return;
    const here = readdirSync(dirname(one)).filter((name) => name.endsWith('.onnx'));
    const names = here.map((name) => name.replace(/\.onnx$/, '')).sort();
    assert.deepEqual([...Object.keys(explained), ...Object.keys(refused)].sort(), names);
    for (const { file, sha256 } of models)
      assert.equal(createHash('sha256').update(readFileSync(join(dirname(one), `${file}.onnx`))).digest('hex'), sha256, file);
  });

  for (const [name, right] of Object.entries(explained))
    test(name, async (t) => {
      const weights = sharedFile(t, path(name));
      const image = sharedFile(t, join('cases', 'onnx', 'img64.png'));
      if (weights === null || image === null) return;
      const { layers, allNotes, ...classified } = await seen(weights, image);
      const found = given(classified, right.holds);
      const outputs = models.find(({ file }) => file === name)?.outputs ?? {};
      const expected = right.output === undefined ? Object.values(outputs)[0] : outputs[right.output];
      assert.ok(expected !== undefined && expected.length > 0 && found.length >= expected.length);
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, i) => {
        const difference = Math.abs((found[i] ?? NaN) - value);
        assert.ok(difference <= (right.tolerance ?? 2e-3) * largest, `${found.join()} instead of ${expected.join()}`);
      });
      const names = layers.map((layer) => layer.name);
      assert.deepEqual([names.length, names[0], names.at(-1)], [right.layers, right.first, right.last], names.join());
      for (const { name: layer, form } of layers) assert.ok(form?.kind === 'map' && form.width > 1 && form.height > 1, layer);
      if (right.note) assert.match(allNotes, right.note);
    });

  for (const [name, message] of Object.entries(refused))
    test(name, async (t) => {
      const weights = sharedFile(t, path(name));
      if (weights !== null) await assert.rejects(openOnnxClassifier(weights, { inputSize: null }), { kind: 'model', message });
    });
});
