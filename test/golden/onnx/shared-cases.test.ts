/** The shared ONNX cases that need no new operator: the logits that onnxruntime gives, layers, or the words of the refusal. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildForwardGraph } from '../../../server/src/explain/forward';
import { decodeImage } from '../../../server/src/imaging/decode';
import { encodeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { prepareInput } from '../../../server/src/pipeline/steps/preprocess';
import { feedFor } from '../../../server/src/pipeline/steps/feed';
import { wholeImage } from '../../../server/src/pipeline/face/crop';
import { readyLens } from '../../support/lens';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { sharedFile } from '../../support/shared';

/** Of the plain network behind most of the cases. */
const PLAIN = [-0.0973, -0.089, 0.0228, -0.0827];

interface Right {
  /** As onnxruntime gives them in Python; null where only the layers are known. */
  readonly logits: readonly number[] | null;
  readonly layers: number;
  /** The last default layer. */
  readonly last?: string;
  readonly note?: RegExp;
}

const explained: Readonly<Record<string, Right>> = {
  opset9: { logits: PLAIN, layers: 8, last: 'Add_1' },
  opset10: { logits: PLAIN, layers: 8, last: 'Add_1' },
  relu6_opset9: { logits: PLAIN, layers: 8 },
  op_upsample9: { logits: PLAIN, layers: 8 },
  fp16: { logits: PLAIN, layers: 8 },
  fp16_keep_io: { logits: PLAIN, layers: 8 },
  real_ppocr_cls_opset9: { logits: null, layers: 8, note: /leaves its size open/ },
  real_ppocr_cls_identity_after_softmax: { logits: null, layers: 8, note: /leaves its size open/ },
  one_channel: { logits: null, layers: 8, note: /takes one channel/ },
  nhwc_float: { logits: PLAIN, layers: 8, last: 'm.Add_1' },
  keras_cnn: { logits: null, layers: 4, last: 'sequential.conv2d_2', note: /normalizes "image" itself \(Mul, Add\)/ },
  keras_mnist: { logits: null, layers: 3 },
  uint8_nhwc: { logits: PLAIN, layers: 8, note: /normalizes "input" itself \(Div, Sub, Div\).*0\.\.255/ },
  uint8_nchw: { logits: PLAIN, layers: 8, note: /0\.\.255/ },
  float_0_255_inside: { logits: PLAIN, layers: 8, note: /0\.\.255/ },
  batch8: { logits: PLAIN, layers: 8 },
  nonsquare: { logits: null, layers: 8 },
  dyn_spatial: { logits: null, layers: 8, note: /leaves its size open/ },
  input3d: { logits: PLAIN, layers: 8 },
  logits4d: { logits: [0.0173, 0.0162, 0.1037, -0.148], layers: 8 },
  squeezed_one: { logits: [0.1215], layers: 8 },
  feat_first: { logits: PLAIN, layers: 8, note: /the others are "features"/ },
  embed_first: { logits: PLAIN, layers: 8, note: /the others are "embedding"/ },
  two_heads: { logits: PLAIN, layers: 8, note: /the others are "gender"/ },
  argmax_out: { logits: PLAIN, layers: 8, note: /picked by ArgMax/ },
  topk_out: { logits: PLAIN, layers: 8, note: /picked by TopK/ },
  sigmoid_one: { logits: [0.1215], layers: 8 },
  keras_binary_nchw: { logits: [2.7774], layers: 1 },
  sigmoid_multi: { logits: [0.038, -0.0301, 0.0926, -0.2031], layers: 8 },
  softmax_dim1_flatten: { logits: PLAIN, layers: 8 },
  channels_last_blocks: { logits: [-0.2004, 0.3764, -0.3806, 0.1896], layers: 8, last: 'Add_3' },
  vit_tiny: { logits: [0.5037, 0.4204, -0.3005, 0.4728], layers: 8, last: 'encoder.ln' },
  new_opset18: { logits: PLAIN, layers: 8, last: 'Small.add_1' },
  metadata_names: { logits: PLAIN, layers: 8 },
};

const refused: Readonly<Record<string, RegExp>> = {
  four_channel: /has 4 channels/,
  video5d: /video or volume model/,
  two_inputs: /beside the image "image" the model takes "meta"/,
  seg: /this is a segmentation/,
  detect: /this is a detection \(detector\) model/,
  text: /this is a text model/,
};

const imagenet = readyLens('imagenet');

async function run(path: string, image: string) {
  const network = await openOnnxClassifier(path, { inputSize: null });
  const [, , height = 0, width = 0] = network.input.shape;
  const { image: decoded } = await decodeImage(image, {});
  const feed = feedFor(imagenet, network.proved);
  const { tensor } = prepareInput(wholeImage(decoded), feed, { width, height });
  const session = await createSession(encodeModel(buildForwardGraph(network.model, network.input.shape, [network.logits])));
  try {
    const { [network.logits]: logits } = await session.run({ [network.input.name]: tensor });
    return { network, feed, logits: Array.from(logits?.data ?? [], Number) };
  } finally {
    await session.dispose();
  }
}

describe('explained', () => {
  for (const [name, { logits, layers, last, note }] of Object.entries(explained))
    test(name, async (t) => {
      const path = sharedFile(t, join('cases', 'onnx', `${name}.onnx`));
      const image = sharedFile(t, join('cases', 'onnx', 'img64.png'));
      if (path === null || image === null) return;
      const found = await run(path, image);
      logits?.forEach((value, i) => assert.ok(Math.abs((found.logits[i] ?? NaN) - value) < 2e-3, found.logits.join()));
      const rows = found.network.layers;
      assert.ok(rows.length >= layers && rows.length <= 48, rows.map((row) => row.name).join());
      for (const { name: row, form } of rows) assert.equal(form?.kind, 'map', row);
      if (last !== undefined) assert.equal(rows.at(-1)?.name, last);
      if (note) assert.match([...found.network.notes, ...found.feed.notes].join(' '), note);
    });
});

describe('refused', () => {
  for (const [name, message] of Object.entries(refused))
    test(name, async (t) => {
      const path = sharedFile(t, join('cases', 'onnx', `${name}.onnx`));
      if (path !== null) await assert.rejects(openOnnxClassifier(path, { inputSize: null }), { kind: 'model', message });
    });
});
