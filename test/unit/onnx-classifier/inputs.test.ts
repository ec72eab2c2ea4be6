/** One small classifier behind inputs of every layout, type and batch: fed the same picture it gives the same logits. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { buildForwardGraph } from '../../../server/src/explain/forward';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { DataType, Dimension } from '../../../server/src/onnx/model';
import { dataTypes } from '../../../server/src/onnx/model';
import { encodeModel, writeModel } from '../../../server/src/onnx/write';
import type { OnnxNetwork } from '../../../server/src/pipeline/network/onnx/open';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { feedFor, orderDoubt } from '../../../server/src/pipeline/steps/feed';
import { wholeImage as whole } from '../../../server/src/pipeline/face/crop';
import { prepareInput } from '../../../server/src/pipeline/steps/preprocess';
import { readyLens } from '../../support/lens';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { FilledStep } from '../../../protocol/steps';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('onnx-inputs');
const imagenet = readyLens('imagenet');
const [H, W] = [12, 20] as const;

const constant = (graph: GraphBuilder, seed: string, dims: readonly number[], bound = 0.4): string =>
  graph.constant(
    seed,
    float32Tensor(dims, fillUniform(new Float32Array(dims.reduce((a, b) => a * b, 1)), fnv1a32(seed), bound)),
  );

type Prepare = (graph: GraphBuilder, input: string) => string;
const AS_IT_IS: Prepare = (_, input) => input;

/** From (N, C, H, W), normalized, to five classes. */
function network(graph: GraphBuilder, x: string, channels: number, tail?: Prepare): void {
  const conv = graph.node(
    'Conv',
    [x, constant(graph, 'w1', [4, channels, 3, 3])],
    { strides: [2, 2] },
    'conv',
  );
  const active = graph.node('Relu', [conv], {}, 'relu');
  const pooled = graph.node('GlobalAveragePool', [tail ? tail(graph, active) : active], {}, 'pool');
  graph.node('Gemm', [graph.node('Flatten', [pooled]), constant(graph, 'w2', [4, 5], 2)], {}, 'logits');
  graph.output('logits', 'float32', null);
}

interface Input {
  readonly dims: readonly Dimension[];
  readonly type?: DataType;
  readonly channels?: 1 | 3;
  readonly prepare?: Prepare;
  readonly tail?: Prepare;
}

async function open(name: string, input: Input): Promise<OnnxNetwork> {
  const { dims, type = 'float32', channels = 3, prepare = AS_IT_IS, tail } = input;
  const graph = new GraphBuilder('inputs');
  network(graph, prepare(graph, graph.input('x', type, dims)), channels, tail);
  const path = join(folder, `${name}.onnx`);
  await writeModel(graph.model(), path);
  return openOnnxClassifier(path, { inputSize: null });
}

/** The same seeded 8-bit picture for every network, fed as the imagenet pipeline and the graph say. */
async function logitsOf(net: OnnxNetwork): Promise<readonly number[]> {
  const [, , height = 0, width = 0] = net.input.shape;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7 + (i % 3) * 31) % 256);
  const { tensor } = prepareInput(whole({ width, height, data }), feedFor(imagenet, net.proved), {
    width,
    height,
  });
  const session = await createSession(
    encodeModel(buildForwardGraph(net.model, net.input.shape, [net.logits])),
  );
  try {
    const { [net.logits]: logits } = await session.run({ [net.input.name]: tensor });
    return Array.from(logits?.data ?? [], Number);
  } finally {
    await session.dispose();
  }
}

const transpose = (graph: GraphBuilder, x: string): string =>
  graph.node('Transpose', [x], { perm: [0, 3, 1, 2] });
const cast = (to: DataType) => (graph: GraphBuilder, x: string) =>
  graph.node('Cast', [x], { to: dataTypes[to] });
const scalar = (graph: GraphBuilder, value: number): string =>
  graph.constant('k', float32Tensor([], [value]));
const perChannel = (graph: GraphBuilder, values: readonly number[], dims: readonly number[]): string =>
  graph.constant('k', float32Tensor(dims, values));
const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
] as const;
/** (x / 255 - mean) / std. */
const normalize =
  (dims: readonly number[], scale = 255) =>
  (graph: GraphBuilder, x: string): string => {
    const unit = scale === 1 ? x : graph.node('Div', [x, scalar(graph, scale)]);
    return graph.node('Div', [
      graph.node('Sub', [unit, perChannel(graph, mean, dims)]),
      perChannel(graph, std, dims),
    ]);
  };
/** The same for channels in the opposite order. */
const backwards = (graph: GraphBuilder, x: string, dims: readonly number[] = [3, 1, 1]): string => {
  const by = (values: readonly number[]): string =>
    perChannel(
      graph,
      values.toReversed().map((value) => 255 * value),
      dims,
    );
  return graph.node('Div', [graph.node('Sub', [x, by(mean)]), by(std)]);
};
const batchNorm = (graph: GraphBuilder, x: string): string =>
  graph.node(
    'BatchNormalization',
    [
      x,
      ...[[1, 1, 1], [0, 0, 0], mean.map((v) => 255 * v), std.map((v) => (255 * v) ** 2)].map((values) =>
        perChannel(graph, values, [3]),
      ),
    ],
    { epsilon: { kind: 'float', value: 0 } },
  );
/** The channels in the opposite order, as exporters write it. */
const reversed: Readonly<Record<'Slice' | 'Gather' | 'Split', Prepare>> = {
  Slice: (graph, x) =>
    graph.node('Slice', [x, ...[-1, -(2 ** 31), 1, -1].map((k) => graph.constant('k', int64Tensor([k])))]),
  Gather: (graph, x) => graph.node('Gather', [x, graph.constant('k', int64Tensor([2, 1, 0]))], { axis: 1 }),
  Split: (graph, x) => {
    const parts = graph.nodeWithOutputs('Split', [x], { axis: 1 }, ['b', 'g', 'r']);
    return graph.node('Concat', parts.toReversed(), { axis: 1 });
  },
};
const sliced: Prepare = (graph, x) =>
  graph.node(
    'Concat',
    [2, 1, 0].map((c) =>
      graph.node('Slice', [x, ...[c, c + 1, 1].map((k) => graph.constant('k', int64Tensor([k])))]),
    ),
    { axis: 1 },
  );
/** (x / 255 - mean) / std as a convolution of one pixel, with a kernel for all channels or one for each. */
const convolved =
  (grouped: boolean): Prepare =>
  (graph, x) => {
    const factors = std.map((value) => 1 / (255 * value));
    const kernel = grouped
      ? factors
      : factors.flatMap((value, c) => [0, 1, 2].map((i) => (i === c ? value : 0)));
    const weights = graph.constant('k', float32Tensor([3, grouped ? 1 : 3, 1, 1], kernel));
    const bias = mean.map((value, c) => -value / (std[c] ?? 1));
    return graph.node(
      'Conv',
      [x, weights, graph.constant('b', float32Tensor([3], bias))],
      { group: grouped ? 3 : 1 },
      'normalized',
    );
  };
const then =
  (...steps: readonly Prepare[]): Prepare =>
  (graph, x) =>
    steps.reduce((y, step) => step(graph, y), x);
const unsqueeze = (graph: GraphBuilder, x: string): string =>
  graph.node('Unsqueeze', [x, graph.constant('axes', int64Tensor([0]))]);

const same: Readonly<Record<string, Input>> = {
  nhwc: { dims: [1, H, W, 3], prepare: transpose },
  'open batch': { dims: ['n', 3, H, W] },
  'open nhwc': { dims: [null, H, W, 3], prepare: transpose },
  chw: { dims: [3, H, W], prepare: unsqueeze },
  hwc: { dims: [H, W, 3], prepare: then(unsqueeze, transpose) },
  float64: { dims: [1, 3, H, W], type: 'float64', prepare: cast('float32') },
  'uint8 normalized': {
    dims: [1, H, W, 3],
    type: 'uint8',
    prepare: then(cast('float32'), transpose, normalize([3, 1, 1])),
  },
  'uint8 normalized before': {
    dims: [1, H, W, 3],
    type: 'uint8',
    prepare: then(cast('float32'), normalize([3]), transpose),
  },
  'int32 normalized': {
    dims: [1, 3, H, W],
    type: 'int32',
    prepare: then(cast('float32'), normalize([1, 3, 1, 1])),
  },
  '0..255 normalized': { dims: [1, 3, H, W], prepare: normalize([3, 1, 1]) },
  '0..1 normalized': { dims: [1, 3, H, W], prepare: normalize([3, 1, 1], 1) },
  '0..255 batch-normalized': { dims: [1, 3, H, W], prepare: batchNorm },
  'a convolution that normalizes': { dims: [1, 3, H, W], prepare: convolved(false) },
  'one for each channel': { dims: [1, 3, H, W], prepare: convolved(true) },
  'there and back': {
    dims: [1, 3, H, W],
    prepare: then(sliced, (graph, x) => backwards(graph, x), reversed.Slice),
  },
  ...Object.fromEntries(
    Object.entries({ ...reversed, Slices: sliced }).map(([name, reverse]) => [
      `BGR, by ${name}`,
      { dims: [1, 3, H, W], prepare: then(reverse, normalize([3, 1, 1])) },
    ]),
  ),
  'BGR, last': {
    dims: [1, H, W, 3],
    prepare: then((graph, x) => backwards(graph, x, [3]), transpose, reversed.Gather),
  },
  'batch of eight': { dims: [8, 3, H, W] },
  'batch of eight with a fixed reshape': {
    dims: [8, 3, H, W],
    tail: (graph, x) => graph.node('Reshape', [x, graph.constant('shape', int64Tensor([8, 4, 5, 9]))]),
  },
};

describe('the same picture gives the same logits', () => {
  const plain = open('plain', { dims: [1, 3, H, W] }).then(logitsOf);
  for (const [name, input] of Object.entries(same))
    test(name, async () => {
      const network = await open(name, input);
      assert.deepEqual(network.input.shape, [1, 3, H, W]);
      const [expected, found] = [await plain, await logitsOf(network)];
      assert.equal(found.length, 5);
      found.forEach((value, i) =>
        assert.ok(
          Math.abs(value - (expected[i] ?? NaN)) < 2e-5,
          `${found.join()} instead of ${expected.join()}`,
        ),
      );
    });
});

test('what a graph proves is told as one value', async () => {
  const { proved } = await open('proved', same['uint8 normalized']!);
  const { normalization, ...rest } = proved;
  assert.deepEqual(rest.input, {
    ...{ name: 'x', layout: 'NHWC', type: 'uint8', channels: 3, height: H, width: W, batch: null },
  });
  assert.equal(rest.range, 'bytes');
  assert.deepEqual(normalization!.operators, ['Div', 'Sub', 'Div']);
  normalization!.mean.forEach((value, c) => assert.ok(Math.abs(value - 255 * (mean[c] ?? 0)) < 1e-4));
  normalization!.std.forEach((value, c) => assert.ok(Math.abs(value - 255 * (std[c] ?? 0)) < 1e-4));
  const open4 = await open('open', { dims: ['n', 3, 'h', 'w'] });
  assert.deepEqual(
    [open4.proved.input.height, open4.proved.normalization, open4.proved.range],
    [null, null, null],
  );
  assert.match(open4.notes.join(), /leaves its size open: it was given 224 x 224/);
});

test('a batch normalization of what is normalized already proves no range', async () => {
  const unit = (graph: GraphBuilder, x: string): string =>
    graph.node('BatchNormalization', [
      x,
      ...[
        [1.1, 0.9, 1],
        [0.1, 0, 0],
        [0.02, -0.1, 0],
        [1.1, 0.9, 1],
      ].map((v) => perChannel(graph, v, [3])),
    ]);
  assert.equal((await open('bn', { dims: [1, 3, H, W], prepare: unit })).proved.range, null);
});

test('a mean alone is taken off 0..1, and a kernel that mixes channels proves nothing', async () => {
  const centered: Prepare = (graph, x) => graph.node('Sub', [x, perChannel(graph, mean, [3, 1, 1])]);
  assert.equal((await open('mean', { dims: [1, 3, H, W], prepare: centered })).proved.range, 'unit');
  const mixing: Prepare = (graph, x) =>
    graph.node(
      'Conv',
      [x, graph.constant('k', float32Tensor([3, 3, 1, 1], [1, 0, 0, 0.1, 1, 0, 0, 0, 1]))],
      {},
      'mixed',
    );
  assert.equal((await open('mixing', { dims: [1, 3, H, W], prepare: mixing })).proved.normalization, null);
});

test('a network of one channel gets gray', async () => {
  const network = await open('gray', { dims: [1, 1, H, W], channels: 1 });
  assert.equal(network.proved.input.channels, 1);
  const region = whole({ width: 1, height: 1, data: Uint8Array.of(200, 100, 50) });
  const preprocess = imagenet.preprocess.filter(({ step }) => step !== 'normalize');
  const { tensor } = prepareInput(region, feedFor({ ...imagenet, preprocess }, network.proved), {
    width: 1,
    height: 1,
  });
  assert.deepEqual(Array.from(tensor.data), [Math.fround(124 / 255)]); // cv2.cvtColor of (200, 100, 50)
});

test('a graph that normalizes 0..1 itself is given 0..1, whatever else the steps rescale to', async () => {
  const { proved } = await open('unit', { dims: [1, 3, H, W], prepare: normalize([3, 1, 1], 1) });
  const [resize] = imagenet.preprocess;
  const halves = { step: 'rescale', factor: 1 / 127.5, offset: -1 } as const;
  for (const preprocess of [[resize!, halves], [resize!]])
    assert.deepEqual(feedFor({ ...imagenet, preprocess }, proved).preprocess, [
      resize,
      { step: 'rescale', factor: 1 / 255, offset: 0 },
    ]);
});

test('steps that are followed to the letter give another order than the means inside: that is said', async () => {
  const { proved } = await open('backwards', { dims: [1, 3, H, W], prepare: backwards });
  const bgr = { step: 'channels', order: 'BGR', weights: 'pillow' } as const;
  const doubt = (preprocess: FilledStep[]) => orderDoubt({ preprocess, subject: 'The lens a' }, proved);
  assert.match(doubt([]) ?? '', /in the order blue, green, red; the lens a gives red, green, blue\.$/);
  assert.equal(doubt([bgr]), null);
});

const refused: Readonly<Record<string, readonly [Input, RegExp]>> = {
  'images that mix': [
    {
      dims: [8, 3, H, W],
      tail: (graph, x) => graph.node('Sub', [x, graph.node('ReduceMean', [x], { axes: [0] })]),
    },
    /takes 8 images at once, and in ReduceMean node ".*" the images cannot be separated/,
  ],
  'four channels': [{ dims: [1, 4, H, W] }, /has 4 channels; expected 3 \(RGB\) or 1 \(gray\)/],
  frames: [{ dims: [1, 4, 3, H, W] }, /this is a video or volume model/],
  tokens: [{ dims: [1, 12], type: 'int64' }, /this is a text model/],
};

describe('what is not a picture is refused as what it is', () => {
  for (const [name, [input, message]] of Object.entries(refused))
    test(name, () => assert.rejects(open(name, { ...input, channels: 3 }), { kind: 'model', message }));

  test('a second input without a default value, by name', async () => {
    const prepare = (graph: GraphBuilder, x: string): string =>
      graph.node('Mul', [x, graph.input('gain', 'float32', [1, 3, 1, 1])]);
    await assert.rejects(open('two', { dims: [1, 3, H, W], prepare }), {
      message: /beside the image "x" the model takes "gain" float32 \[1, 3, 1, 1\], without a default value/,
    });
  });
});
