/** One random node of each operator that has a gradient rule: every attribute and form of input that the rule distinguishes. */
import { float, float32Tensor, int64Tensor } from '../../../server/src/onnx/builder';
import type { Attribute } from '../../../server/src/onnx/model';
import type { Draft, Value } from './draft';
import { placingRecipes } from './placing';

/** Appends nodes to the draft; what they read and how is chosen at random. */
type Recipe = (draft: Draft) => void;

const unary =
  (opType: string, low?: number, high?: number): Recipe =>
  (d) => {
    const x = d.any();
    d.node(opType, [low === undefined ? x.name : d.within(x, low, high ?? 2).name]);
  };

/** With a float attribute, or its default. */
const shaped =
  (opType: string, attribute: string, low: number, high: number): Recipe =>
  (d) => {
    const value = low + (d.random.below(101) / 100) * (high - low);
    d.node(opType, [d.any().name], d.chance(3) ? {} : { [attribute]: float(value) });
  };

/** A shape that broadcasts with `dims`: some sizes 1, leading axes left out. */
function broadcastable(d: Draft, dims: readonly number[]): readonly number[] {
  const cut = d.chance(2) ? 0 : d.random.below(dims.length + 1);
  return dims.slice(cut).map((size) => (d.chance(3) ? 1 : size));
}

const binary =
  (opType: string, low?: number, high?: number): Recipe =>
  (d) => {
    const x = d.any();
    const other = d.parameter(broadcastable(d, x.dims), low, high);
    const name = low === undefined ? x.name : d.within(x, low, high ?? 2).name;
    d.node(opType, d.chance(2) ? [name, other] : [other, name]);
  };

const variadic =
  (opType: string): Recipe =>
  (d) => {
    const x = d.any();
    const others = Array.from({ length: d.between(0, 2) }, () => d.parameter(broadcastable(d, x.dims)));
    d.node(opType, [x.name, ...others]);
  };

/** Some axes of a tensor, negative ones too. */
function someAxes(d: Draft, rank: number, most = rank): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const chosen = all.filter(() => d.chance(2)).slice(0, most);
  return (chosen.length > 0 ? chosen : [d.random.below(rank)]).map((axis) =>
    d.chance(3) ? axis - rank : axis,
  );
}

const anyAxis = (d: Draft, rank: number): number => d.between(-rank, rank - 1);

const reduction =
  (opType: string): Recipe =>
  (d) => {
    const x = d.any();
    const positive = /L1|LogSum$/.test(opType) ? d.within(x, 0.5, 2) : x;
    const axes = someAxes(d, x.dims.length);
    const keepdims = d.random.below(2);
    const asInput = d.opset >= (opType === 'ReduceSum' ? 13 : 18);
    if (d.chance(5)) d.node(opType, [positive.name], { keepdims });
    else if (asInput && d.chance(5))
      d.node(opType, [positive.name, d.ints()], { keepdims, noop_with_empty_axes: d.random.below(2) });
    else if (asInput) d.node(opType, [positive.name, d.ints(...axes)], { keepdims });
    else d.node(opType, [positive.name], { axes, keepdims });
  };

/** Window attributes along `rank` axes; the output is not empty for inputs of at least `kernel * dilation`. */
function windows(
  d: Draft,
  rank: number,
  dilates: boolean,
): Record<string, readonly number[] | string | number> {
  const kernel_shape = d.list(rank, 1, 3);
  const mode = d.random.pick(['NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  return {
    kernel_shape,
    ...(d.chance(4) ? {} : { strides: d.list(rank, 1, 4) }),
    ...(dilates && d.chance(2) ? { dilations: d.list(rank, 1, 3) } : {}),
    ...(mode === 'NOTSET'
      ? d.chance(3)
        ? {}
        : { pads: [...kernel_shape, ...kernel_shape].map((size) => d.random.below(size)) }
      : { auto_pad: mode }),
  };
}

/** (N, C, spatial...) with room for windows. */
const image = (d: Draft): Value =>
  d.value(
    (dims) => dims.length >= 3 && dims.length <= 5 && dims.slice(2).every((size) => size >= 3),
    () => [d.between(1, 2), d.between(1, 4), ...d.list(d.random.pick([1, 2, 2, 2, 3]), 4, 7)],
  );

const pooling =
  (opType: string): Recipe =>
  (d) => {
    const x = image(d);
    const dilates = opType === 'MaxPool' ? d.opset >= 10 : d.opset >= 19;
    d.node(opType, [x.name], {
      ...windows(d, x.dims.length - 2, dilates),
      ...(d.chance(3) ? { ceil_mode: 1 } : {}),
      ...(opType === 'AveragePool' && d.chance(2) ? { count_include_pad: 1 } : {}),
    });
  };

const convolution: Recipe = (d) => {
  const x = image(d);
  const channels = x.dims[1] ?? 1;
  const group = d.random.pick([1, 1, channels]);
  const attributes = windows(d, x.dims.length - 2, true);
  const outputs = group * d.between(1, 2);
  const weights = d.constant(randomTensor(d, [outputs, channels / group, ...kernelOf(attributes)]));
  const bias = d.chance(2) ? [] : [d.parameter([outputs])];
  d.node('Conv', [x.name, weights, ...bias], { ...attributes, group });
};

const transposed: Recipe = (d) => {
  const x = image(d);
  const channels = x.dims[1] ?? 1;
  const group = d.random.pick([1, 1, channels]);
  const attributes = windows(d, x.dims.length - 2, true);
  const weights = d.constant(randomTensor(d, [channels, d.between(1, 2), ...kernelOf(attributes)]));
  const strides =
    (attributes['strides'] as readonly number[] | undefined) ?? kernelOf(attributes).map(() => 1);
  const extra = d.chance(3) ? { output_padding: strides.map((stride) => d.random.below(stride)) } : {};
  const sized = d.chance(4)
    ? { output_shape: x.dims.slice(2).map((size, i) => (size - 1) * (strides[i] ?? 1) + d.between(1, 3)) }
    : {};
  const { pads, ...rest } = attributes;
  const padded = pads === undefined || 'output_shape' in sized ? {} : { pads };
  d.node('ConvTranspose', [x.name, weights], { ...rest, ...padded, ...extra, ...sized, group });
};

const kernelOf = (attributes: Readonly<Record<string, unknown>>): readonly number[] =>
  attributes['kernel_shape'] as readonly number[];

const randomTensor = (d: Draft, dims: readonly number[]) =>
  float32Tensor(
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => d.random.below(2001) / 1000 - 1),
  );

const batchNormalization: Recipe = (d) => {
  const x = d.ofRank(2, 3, 4, 4);
  const channels = [x.dims[1] ?? 1];
  const [scale, bias, mean] = [0, 1, 2].map(() => d.parameter(channels)) as [string, string, string];
  const epsilon = d.chance(2) ? {} : { epsilon: float(0.01) };
  d.node('BatchNormalization', [x.name, scale, bias, mean, d.parameter(channels, 0.5, 2)], epsilon);
};

const layerNormalization: Recipe = (d) => {
  const x = d.value(
    (dims) => dims.length >= 2 && dims.length <= 4 && (dims.at(-1) ?? 0) >= 3,
    () => [...d.shape(d.between(1, 2)), d.between(3, 5)],
  );
  const axis = anyAxis(d, x.dims.length);
  const normalized = x.dims.slice(axis < 0 ? axis + x.dims.length : axis);
  const inputs = [x.name, d.parameter(normalized), ...(d.chance(2) ? [d.parameter(normalized)] : [])];
  d.node('LayerNormalization', inputs, { axis, epsilon: float(0.05) }, d.between(1, 3));
};

const instanceNormalization: Recipe = (d) => {
  const x = image(d);
  const channels = [x.dims[1] ?? 1];
  d.node('InstanceNormalization', [x.name, d.parameter(channels), d.parameter(channels)], {
    epsilon: float(0.05),
  });
};

const softmax =
  (opType: string): Recipe =>
  (d) => {
    const x = d.any();
    const rank = x.dims.length;
    d.node(opType, [x.name], d.chance(3) && (rank > 1 || d.opset >= 13) ? {} : { axis: anyAxis(d, rank) });
  };

const gemm: Recipe = (d) => {
  const a = d.ofRank(2);
  const [transA, transB] = [d.random.below(2), d.random.below(2)];
  const [rows = 1, inner = 1] = transA === 1 ? a.dims.toReversed() : a.dims;
  const columns = d.between(1, 4);
  const b = d.parameter(transB === 1 ? [columns, inner] : [inner, columns]);
  const c = d.chance(3) ? [] : [d.parameter(broadcastable(d, [rows, columns]))];
  const scales = d.chance(2) ? {} : { alpha: float(0.7), beta: float(-1.3) };
  d.node('Gemm', [a.name, b, ...c], { transA, transB, ...scales });
};

const matMul: Recipe = (d) => {
  const a = d.any();
  const inner = a.dims.at(-1) ?? 1;
  const batch = a.dims.slice(0, -2).map((size) => (d.chance(3) ? 1 : size));
  const shape = d.random.pick([[inner], [inner, d.between(1, 4)], [...batch, inner, d.between(1, 4)]]);
  d.node('MatMul', [a.name, d.parameter(shape)]);
};

const clip: Recipe = (d) => {
  const low = d.random.pick(['', d.parameter([], -1.5, 0.3)]);
  const high = d.random.pick([[], [d.parameter([], -0.3, 1.5)]]);
  d.node('Clip', [d.any().name, low, ...high]);
};

const prelu: Recipe = (d) => {
  const x = d.any();
  d.node('PRelu', [x.name, d.parameter(broadcastable(d, x.dims))]);
};

const where: Recipe = (d) => {
  const x = d.any();
  const dims = broadcastable(d, x.dims);
  const data = Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => d.random.below(2));
  d.node('Where', [d.constant({ type: 'bool', dims, data }), x.name, d.parameter(broadcastable(d, x.dims))]);
};

const power: Recipe = (d) => {
  const x = d.within(d.any(), 0.5, 2);
  d.node('Pow', [x.name, d.parameter(broadcastable(d, x.dims))]);
};

const dropout: Recipe = (d) => {
  const x = d.any();
  if (d.opset < 12) d.node('Dropout', [x.name], { ratio: float(0.4) }, d.between(1, 2));
  else d.node('Dropout', d.chance(2) ? [x.name] : [x.name, d.parameter([], 0.1, 0.9)], {}, d.between(1, 2));
};

const transpose: Recipe = (d) => {
  const x = d.any();
  const perm = x.dims.map((_, axis) => axis);
  for (let i = perm.length - 1; i > 0; i--) {
    const j = d.random.below(i + 1);
    [perm[i], perm[j]] = [perm[j] ?? 0, perm[i] ?? 0];
  }
  d.node('Transpose', [x.name], d.chance(4) ? {} : { perm });
};

const reshape: Recipe = (d) => {
  const x = d.any();
  const count = x.dims.reduce((a, b) => a * b, 1);
  const divisors = Array.from({ length: count }, (_, i) => i + 1).filter((n) => count % n === 0);
  const first = d.random.pick(divisors);
  const target = d.random.pick([[first, -1], [-1], [first, count / first, 1], [0, -1]]);
  d.node('Reshape', [x.name, d.ints(...target)]);
};

const squeeze: Recipe = (d) => {
  const x = d.any();
  const ones = x.dims.flatMap((size, axis) => (size === 1 ? [axis] : []));
  if (ones.length === 0 || d.chance(3)) return void d.node('Squeeze', [x.name]);
  const axes = d.chance(2) ? ones : [d.random.pick(ones) - x.dims.length];
  d.node('Squeeze', d.opset >= 13 ? [x.name, d.ints(...axes)] : [x.name], d.opset >= 13 ? {} : { axes });
};

const unsqueeze: Recipe = (d) => {
  const x = d.any();
  const axes = d.random.pick([[0], [x.dims.length], [-1], [0, -1], [1, 0]]);
  d.node('Unsqueeze', d.opset >= 13 ? [x.name, d.ints(...axes)] : [x.name], d.opset >= 13 ? {} : { axes });
};

const concat: Recipe = (d) => {
  const x = d.any();
  const axis = anyAxis(d, x.dims.length);
  const at = axis < 0 ? axis + x.dims.length : axis;
  const others = Array.from({ length: d.between(0, 2) }, () => d.parameter(x.dims.with(at, d.between(1, 3))));
  d.node('Concat', [x.name, ...others], { axis });
};

const split: Recipe = (d) => {
  const x = d.any();
  const axis = anyAxis(d, x.dims.length);
  const size = x.dims.at(axis) ?? 1;
  const first = d.random.below(size + 1);
  const sizes = size > 1 ? [first, size - first] : [1];
  if (d.opset >= 18 && d.chance(3) && size > 1) d.node('Split', [x.name], { axis, num_outputs: 2 }, 2);
  else if (d.opset >= 13) d.node('Split', [x.name, d.ints(...sizes)], { axis }, sizes.length);
  else d.node('Split', [x.name], { axis, split: sizes }, sizes.length);
};

const expand: Recipe = (d) => {
  const x = d.any();
  const stretched = x.dims.map((size) => (size === 1 ? d.between(1, 3) : d.random.pick([1, size])));
  d.node('Expand', [x.name, d.ints(...(d.chance(3) ? [2] : []), ...stretched)]);
};

const tile: Recipe = (d) => {
  const x = d.any();
  d.node('Tile', [x.name, d.ints(...x.dims.map(() => d.between(1, 2)))]);
};

const depthToSpace: Recipe = (d) => {
  const x = d.value(
    (dims) => dims.length === 4 && (dims[1] ?? 0) % 4 === 0,
    () => [d.between(1, 2), 4 * d.between(1, 2), d.between(1, 3), d.between(1, 3)],
  );
  d.node('DepthToSpace', [x.name], {
    blocksize: 2,
    ...(d.chance(2) ? {} : { mode: d.random.pick(['DCR', 'CRD']) }),
  });
};

const spaceToDepth: Recipe = (d) => {
  const even = (size = 0): boolean => size > 0 && size % 2 === 0;
  const x = d.value(
    (dims) => dims.length === 4 && even(dims[2]) && even(dims[3]),
    () => [d.between(1, 2), d.between(1, 3), 2 * d.between(1, 2), 2 * d.between(1, 2)],
  );
  d.node('SpaceToDepth', [x.name], { blocksize: 2 });
};

const BOUNDS = [2 ** 31 - 1, -(2 ** 31), -(2 ** 40), 2 ** 40];

const slice: Recipe = (d) => {
  const x = d.any();
  const axes = someAxes(d, x.dims.length);
  const bound = (axis: number): number => {
    const size = x.dims.at(axis) ?? 1;
    return d.chance(4) ? d.random.pick(BOUNDS) : d.between(-size - 2, size + 2);
  };
  const [starts, ends] = [axes.map(bound), axes.map(bound)];
  const steps = axes.map(() => d.random.pick([1, 1, -1, 2, -2, 3]));
  const inputs = [x.name, d.ints(...starts), d.ints(...ends), d.ints(...axes)];
  d.node('Slice', d.chance(3) ? inputs : [...inputs, d.ints(...steps)]);
};

const pad: Recipe = (d) => {
  const x = d.any();
  const axes = d.opset >= 18 && d.chance(2) ? someAxes(d, x.dims.length) : null;
  const padded = axes ?? x.dims.map((_, axis) => axis);
  const pads = [...padded, ...padded].map((axis) => d.between((x.dims.at(axis) ?? 0) > 3 ? -1 : 0, 2));
  const value = d.chance(2) ? [] : [d.parameter([])];
  if (axes !== null) d.node('Pad', [x.name, d.ints(...pads), value[0] ?? '', d.ints(...axes)]);
  else d.node('Pad', [x.name, d.ints(...pads), ...value]);
};

const gather: Recipe = (d) => {
  const x = d.any();
  const axis = anyAxis(d, x.dims.length);
  const size = x.dims.at(axis) ?? 1;
  const dims = d.random.pick([[], [1], [d.between(1, 4)], [2, 2]]);
  const count = dims.reduce((a, b) => a * b, 1);
  d.node('Gather', [x.name, d.constant(int64Tensor(d.list(count, -size, size - 1), dims))], { axis });
};

const oneHot: Recipe = (d) => {
  const indices = d.constant(int64Tensor(d.list(4, -3, 3), d.random.pick([[4], [2, 2]])));
  d.node('OneHot', [indices, d.constant(int64Tensor([3], [])), d.parameter([2])], {
    axis: d.random.pick([-1, 0, 1]),
  });
};

const resize: Recipe = (d) => {
  const x = d.value(
    (dims) => dims.length === 4,
    () => [1, d.between(1, 2), d.between(1, 7), d.between(1, 7)],
  );
  const coordinates = [
    'half_pixel',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'tf_crop_and_resize',
    ...(d.opset >= 19 ? ['half_pixel_symmetric'] : []),
    ...(d.opset < 13 ? ['tf_half_pixel_for_nn'] : []),
  ];
  const mode = d.random.pick(['nearest', 'linear', 'cubic']);
  const attributes = {
    mode,
    coordinate_transformation_mode: d.random.pick(coordinates),
    nearest_mode: d.random.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']),
    exclude_outside: mode === 'cubic' ? d.random.below(2) : 0,
  };
  const region = [0, 0, 0.1, -0.1, 1, 1, 1.2, 0.7];
  const roi = d.constant(float32Tensor([8], region));
  const scale = (): number => d.random.pick([0.5, 1, 1.1, 1.5, 2, 2.3, 4 / 3, 0.75]);
  const scales = [scale(), scale()];
  const sizes = d.list(2, 1, 8);
  const none = d.constant(float32Tensor([0], []));
  const withAxes = d.opset >= 18 && d.chance(2);
  const [given, on] = withAxes
    ? [d.constant(float32Tensor([4], [0.1, -0.1, 1.2, 0.7])), { axes: [2, -1] }]
    : [roi, {}];
  const lead = withAxes ? [] : [1, 1];
  const keep = withAxes ? [] : x.dims.slice(0, 2);
  if (d.chance(2))
    d.node('Resize', [x.name, given, d.constant(float32Tensor([lead.length + 2], [...lead, ...scales]))], {
      ...attributes,
      ...on,
    });
  else
    d.node('Resize', [x.name, given, d.opset >= 13 ? '' : none, d.ints(...keep, ...sizes)], {
      ...attributes,
      ...on,
    });
};

const gelu: Recipe = (d) => void d.node('Gelu', [d.any().name], d.chance(2) ? {} : { approximate: 'tanh' });

/** A mask from a comparison, cast to float: zero gradient through the comparison. */
const masked =
  (opType: string): Recipe =>
  (d) => {
    const x = d.any();
    const name = d.comparison(opType, [x.name, d.parameter(broadcastable(d, x.dims))]);
    const mask = d.node('Cast', [name], { to: 1 })[0];
    if (mask !== undefined) d.node('Mul', [x.name, mask.name]);
  };

const steps =
  (opType: string): Recipe =>
  (d) => {
    const x = d.any();
    const made = d.node(opType, [x.name])[0];
    if (made !== undefined) d.node('Add', [x.name, made.name]);
  };

const constantOfShape: Recipe = (d) => {
  const x = d.any();
  const value: Attribute = { kind: 'tensor', value: float32Tensor([1], [0.7]) };
  const made = d.node('ConstantOfShape', [d.ints(...x.dims)], { value })[0];
  if (made !== undefined) d.node('Mul', [x.name, made.name]);
};

const eyeLike: Recipe = (d) => {
  const x = d.ofRank(2);
  const made = d.node('EyeLike', [x.name], { k: d.between(-1, 1), ...(d.chance(2) ? {} : { dtype: 1 }) })[0];
  if (made !== undefined) d.node('Mul', [x.name, made.name]);
};

/** Name of the operator, the oldest opset that has it, and its recipe. */
export const recipes: Readonly<Record<string, readonly [since: number, recipe: Recipe]>> = {
  ...Object.fromEntries(
    ['Sigmoid', 'Tanh', 'Erf', 'Neg', 'Abs', 'Sin', 'Cos', 'Softplus', 'Softsign', 'Relu', 'Identity'].map(
      (op) => [op, [11, unary(op)]],
    ),
  ),
  Exp: [11, unary('Exp', -1, 1)],
  Log: [11, unary('Log', 0.5, 3)],
  Sqrt: [11, unary('Sqrt', 0.5, 3)],
  Reciprocal: [11, unary('Reciprocal', 0.5, 3)],
  Mish: [18, unary('Mish')],
  Gelu: [20, gelu],
  HardSwish: [14, unary('HardSwish')],
  LeakyRelu: [11, shaped('LeakyRelu', 'alpha', -0.5, 1.5)],
  Elu: [11, shaped('Elu', 'alpha', 0.3, 1.5)],
  Selu: [11, shaped('Selu', 'alpha', 0.5, 2)],
  HardSigmoid: [11, shaped('HardSigmoid', 'alpha', 0.1, 0.9)],
  ThresholdedRelu: [11, shaped('ThresholdedRelu', 'alpha', -0.5, 1)],
  PRelu: [11, prelu],
  Clip: [11, clip],
  Add: [11, binary('Add')],
  Sub: [11, binary('Sub')],
  Mul: [11, binary('Mul')],
  Div: [11, binary('Div', 0.5, 2)],
  Pow: [11, power],
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min'].map((op) => [op, [11, variadic(op)]])),
  Where: [11, where],
  Conv: [11, convolution],
  ConvTranspose: [11, transposed],
  MaxPool: [11, pooling('MaxPool')],
  AveragePool: [11, pooling('AveragePool')],
  GlobalAveragePool: [11, (d) => void d.node('GlobalAveragePool', [image(d).name])],
  GlobalMaxPool: [11, (d) => void d.node('GlobalMaxPool', [image(d).name])],
  BatchNormalization: [11, batchNormalization],
  LayerNormalization: [17, layerNormalization],
  InstanceNormalization: [11, instanceNormalization],
  Softmax: [11, softmax('Softmax')],
  LogSoftmax: [11, softmax('LogSoftmax')],
  Gemm: [11, gemm],
  MatMul: [11, matMul],
  ...Object.fromEntries(
    ['Sum', 'Mean', 'Max', 'Min', 'SumSquare', 'L1', 'L2', 'LogSumExp'].map((name) => [
      `Reduce${name}`,
      [11, reduction(`Reduce${name}`)],
    ]),
  ),
  Dropout: [11, dropout],
  Cast: [11, (d) => void d.node('Cast', [d.any().name], { to: 1 })],
  Flatten: [
    11,
    (d) => {
      const x = d.any();
      d.node('Flatten', [x.name], d.chance(3) ? {} : { axis: d.between(-x.dims.length, x.dims.length) });
    },
  ],
  Transpose: [11, transpose],
  Reshape: [11, reshape],
  Squeeze: [11, squeeze],
  Unsqueeze: [11, unsqueeze],
  Concat: [11, concat],
  Split: [11, split],
  Expand: [11, expand],
  Tile: [11, tile],
  DepthToSpace: [11, depthToSpace],
  SpaceToDepth: [11, spaceToDepth],
  Slice: [11, slice],
  Pad: [11, pad],
  Gather: [11, gather],
  OneHot: [11, oneHot],
  Resize: [11, resize],
  ...Object.fromEntries(['Equal', 'Greater', 'Less'].map((op) => [op, [11, masked(op)]])),
  ...Object.fromEntries(['GreaterOrEqual', 'LessOrEqual'].map((op) => [op, [12, masked(op)]])),
  ...Object.fromEntries(['Floor', 'Ceil', 'Round', 'Sign'].map((op) => [op, [11, steps(op)]])),
  ConstantOfShape: [11, constantOfShape],
  EyeLike: [11, eyeLike],
  ...placingRecipes,
};
