/** Small classifiers to start from, which between them use most operators that have a shape or gradient rule. */
import type { AttributeInput } from '../../../server/src/onnx/builder';
import { float, float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';

export interface OnnxSample {
  readonly name: string;
  readonly model: Model;
}

const SIDE = 32;
const CHANNELS = 6;
const CLASSES = 4;

class Body {
  declare private readonly nominal: never;

  constructor(readonly graph: GraphBuilder) {}

  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): string {
    return this.graph.node(type, inputs, attributes);
  }

  ints = (...values: readonly number[]): string => this.graph.constant('ints', int64Tensor(values));
  numbers = (...values: readonly number[]): string =>
    this.graph.constant('numbers', float32Tensor([values.length], values));

  weights(...dims: readonly number[]): string {
    const count = dims.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: count }, (_, i) => (((i * 7919) % 101) - 50) / 100);
    return this.graph.constant('w', float32Tensor(dims, values));
  }
}

/** What stands between the first convolution, [1, 6, 16, 16], and the pooling before the classifier. */
const bodies: Readonly<Record<string, (b: Body, x: string) => string>> = {
  swish: (b, x) => {
    const conv = b.op('Conv', [x, b.weights(CHANNELS, 1, 3, 3)], { group: CHANNELS, pads: [1, 1, 1, 1] });
    return b.op('Mul', [conv, b.op('Sigmoid', [conv])]);
  },
  residual: (b, x) => {
    const norm = ['s', 'b', 'm', 'v'].map((name) =>
      b.graph.constant(name, float32Tensor([CHANNELS], new Float32Array(CHANNELS).fill(0.5))),
    );
    const conv = b.op('Conv', [x, b.weights(CHANNELS, CHANNELS, 3, 3)], { pads: [1, 1, 1, 1] });
    return b.op('Relu', [
      b.op('Add', [b.op('BatchNormalization', [conv, ...norm], { epsilon: float(1e-3) }), x]),
    ]);
  },
  pooling: (b, x) => {
    const max = b.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    return b.op('AveragePool', [max], { kernel_shape: [2, 2], strides: [1, 1], ceil_mode: 1 });
  },
  upsampling: (b, x) => {
    const wide = b.op('ConvTranspose', [x, b.weights(CHANNELS, CHANNELS, 2, 2)], { strides: [2, 2] });
    const small = b.op('Resize', [wide, '', b.numbers(1, 1, 0.5, 0.5)], { mode: 'linear' });
    return b.op('Concat', [b.op('GlobalMaxPool', [small]), b.op('GlobalAveragePool', [x])], { axis: 2 });
  },
  tokens: (b, x) => {
    const rows = b.op('Transpose', [b.op('Reshape', [x, b.ints(1, CHANNELS, -1)])], { perm: [0, 2, 1] });
    const norm = b.op('LayerNormalization', [rows, b.weights(CHANNELS), b.weights(CHANNELS)], { axis: -1 });
    const scores = b.op('MatMul', [norm, b.op('Transpose', [norm], { perm: [0, 2, 1] })]);
    const mixed = b.op('MatMul', [b.op('Softmax', [scores], { axis: -1 }), norm]);
    return b.op('Reshape', [b.op('Transpose', [mixed], { perm: [0, 2, 1] }), b.ints(1, CHANNELS, 16, 16)]);
  },
  slicing: (b, x) => {
    const [left = '', right = ''] = b.graph.nodeWithOutputs('Split', [x, b.ints(2, 4)], { axis: 1 }, [
      's1',
      's2',
    ]);
    const cut = b.op('Slice', [right, b.ints(0, 2), b.ints(4, 1000), b.ints(1, 2), b.ints(2, 1)]);
    const padded = b.op('Pad', [cut, b.ints(0, 0, 1, 0, 0, 0, 1, 0)], { mode: 'constant' });
    const picked = b.op(
      'Gather',
      [b.op('Concat', [left, padded, left], { axis: 1 }), b.ints(0, 3, 5, 1, 1, 2)],
      { axis: 1 },
    );
    return b.op('Clip', [
      picked,
      b.graph.constant('low', float32Tensor([], [-1])),
      b.graph.constant('high', float32Tensor([], [6])),
    ]);
  },
  shapes: (b, x) => {
    const sizes = b.op('Shape', [x]);
    const channels = b.op('Gather', [sizes, b.graph.constant('one', int64Tensor([1], []))], { axis: 0 });
    const target = b.op('Concat', [b.ints(1), b.op('Unsqueeze', [channels, b.ints(0)]), b.ints(-1)], {
      axis: 0,
    });
    const flat = b.op('Reshape', [x, target]);
    const scaled = b.op('Mul', [flat, b.op('Expand', [b.numbers(0.5), b.op('Shape', [flat])])]);
    return b.op('Unsqueeze', [b.op('Tile', [scaled, b.ints(1, 1, 2)]), b.ints(3)]);
  },
  statistics: (b, x) => {
    const mean = b.op('ReduceMean', [x], { axes: [2, 3], keepdims: 1 });
    const centered = b.op('Sub', [x, mean]);
    const spread = b.op('Sqrt', [
      b.op('Add', [
        b.op('ReduceMean', [b.op('Mul', [centered, centered])], { axes: [2, 3] }),
        b.numbers(1e-5),
      ]),
    ]);
    const normal = b.op('Div', [centered, spread]);
    const where = b.op('Where', [b.op('Greater', [normal, b.numbers(0)]), normal, b.op('Neg', [normal])]);
    const total = b.op('ReduceSum', [where, b.ints(1)], { keepdims: 1 });
    return b.op('Add', [
      b.op('HardSigmoid', [where], { alpha: float(0.2), beta: float(0.5) }),
      b.op('Max', [total, b.numbers(0)]),
    ]);
  },
  scaled: (b, x) => {
    const deep = b.op('DepthToSpace', [b.op('Conv', [x, b.weights(8, CHANNELS, 1, 1)])], { blocksize: 2 });
    const wide = b.op('Conv', [
      b.op('LeakyRelu', [deep], { alpha: float(0.1) }),
      b.weights(CHANNELS, 2, 1, 1),
    ]);
    return b.op('HardSwish', [wide]);
  },
};

export const samples: readonly OnnxSample[] = Object.entries(bodies).map(([name, body]) => {
  const graph = new GraphBuilder(name);
  const b = new Body(graph);
  const image = graph.input('image', 'float32', ['batch', 3, SIDE, SIDE]);
  const first = b.op('Conv', [image, b.weights(CHANNELS, 3, 3, 3)], {
    ...{ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 },
  });
  const pooled = b.op('GlobalAveragePool', [body(b, first)]);
  const flat = b.op('Flatten', [pooled], { axis: 1 });
  const logits = b.op('Gemm', [flat, b.weights(CHANNELS, CLASSES), b.weights(CLASSES)], { alpha: float(1) });
  const output = graph.node('Softmax', [logits], { axis: -1 }, 'probabilities');
  graph.output(output, 'float32', ['batch', CLASSES]);
  return { name, model: graph.model({ author: 'somebody' }) };
});
