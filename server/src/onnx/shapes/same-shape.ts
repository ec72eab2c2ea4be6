/** Operators whose output has the shape of their first input: activations, normalizations, elementwise functions. */
import type { TensorInfo } from './shape-rule';
import { rulesFor } from './shape-rule';
import type { NodeView, ShapeRule } from './shape-rule';
import { resolveAxis } from './axes';
import { computed } from './value';
import { roundHalfEven } from '../../round';

const same = (view: NodeView): TensorInfo => {
  const { type, dims } = view.input(0);
  return { type, dims };
};

/** Functions that shape computations use, with their exact meaning; `Round` is half to even. */
const evaluated: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Floor: Math.floor,
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Round: roundHalfEven,
  Sign: Math.sign,
  Sqrt: Math.sqrt,
};

const evaluatedRules: readonly ShapeRule[] = Object.entries(evaluated).map(([opType, apply]) => ({
  opType,
  infer: (view) => {
    const { type, dims, value } = view.input(0);
    return [computed(type, dims, value?.map(apply))];
  },
}));

const activations = [
  ...[
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Celu',
    'Cos',
    'Cosh',
    'CumSum',
    'Elu',
    'Erf',
    'Exp',
    'Gelu',
  ],
  ...['HardSigmoid', 'HardSwish', 'LRN', 'LeakyRelu', 'Log', 'Mish'],
  ...['Selu', 'Shrink', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Swish', 'Tan', 'Tanh'],
  ...['ThresholdedRelu', 'MeanVarianceNormalization', 'InstanceNormalization', 'GroupNormalization'],
  ...['RMSNormalization', 'Trilu', 'ReverseSequence', 'ScatterND'],
];

/** Operators whose `axis` has to be one of the input's. */
const alongAnAxis = ['Softmax', 'LogSoftmax', 'Hardmax', 'LpNormalization', 'ScatterElements', 'Scatter'];

/** The default axis needs no check: every tensor that the operator is defined for has it. */
function along(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  if (view.node.attributes.has('axis')) resolveAxis(view, view.int('axis', 0), dims.length);
  return same(view);
}

/** A value passes through unchanged. */
const identity: readonly ShapeRule[] = rulesFor(['Identity'], (view) => [view.input(0)]);

const clip: readonly ShapeRule[] = rulesFor(['Clip'], (view) => {
  const { type, dims, value } = view.input(0);
  const low = view.opset >= 11 ? bound(view, 1, -Infinity) : view.float('min', -Infinity);
  const high = view.opset >= 11 ? bound(view, 2, Infinity) : view.float('max', Infinity);
  if (low === undefined || high === undefined) return [{ type, dims }];
  return [
    computed(
      type,
      dims,
      value?.map((x) => Math.min(Math.max(x, low), high)),
    ),
  ];
});

/** A bound of Clip; undefined if it is present but unknown. */
function bound(view: NodeView, index: number, otherwise: number): number | undefined {
  return view.has(index) ? view.input(index).value?.[0] : otherwise;
}

const logical: readonly ShapeRule[] = [
  ...rulesFor(['Not'], (view) => {
    const { dims, value } = view.input(0);
    return [
      computed(
        'bool',
        dims,
        value?.map((x) => 1 - x),
      ),
    ];
  }),
  ...rulesFor(['IsNaN', 'IsInf'], (view) => [{ type: 'bool', dims: view.input(0).dims }]),
];

/** In inference there is one output; in training the running statistics follow. */
const batchNormalization: readonly ShapeRule[] = rulesFor(['BatchNormalization'], (view) => {
  const x = same(view);
  const channels = x.dims[1] ?? 1;
  for (let i = 1; i <= 4; i++) {
    const { dims } = view.input(i);
    if (dims.length !== 1 || dims[0] !== channels) {
      view.invalid(`input ${i} of shape [${channels}]`, `[${dims.join(', ')}]`);
    }
  }
  const statistics = [3, 4].map((i) => ({ type: view.input(i).type, dims: [channels] }));
  return [x, ...statistics];
});

/** Mean and inverse deviation, the optional outputs, keep the normalized axes with size 1 and are float32. */
const layerNormalization: readonly ShapeRule[] = rulesFor(['LayerNormalization'], (view) => {
  const x = same(view);
  const axis = resolveAxis(view, view.int('axis', -1), x.dims.length);
  const dims = x.dims.map((dim, i) => (i < axis ? dim : 1));
  return [x, { type: 'float32', dims }, { type: 'float32', dims }];
});

export const sameShapeRules: readonly ShapeRule[] = [
  ...evaluatedRules,
  ...rulesFor(activations, (view) => [same(view)]),
  ...rulesFor(alongAnAxis, (view) => [along(view)]),
  ...identity,
  ...clip,
  ...logical,
  ...batchNormalization,
  ...layerNormalization,
];
