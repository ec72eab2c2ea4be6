/** The float equivalent of quantized and 16-bit files: as near to the file as its rounding lets it be, with gradients straight through. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareWithDifferences } from '../../../bench/fuzz/gradients/compare';
import { Random } from '../../../bench/fuzz/random';
import { toFloat32 } from '../../../server/src/lowering/float32';
import { lower } from '../../../server/src/lowering/lower';
import { precisionOf } from '../../../server/src/lowering/precision';
import { float, float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { ConstantTensor, DataType, Model } from '../../../server/src/onnx/model';
import { halfToFloat, roundToHalf } from '../../../server/src/onnx/half';
import { simplify } from '../../../server/src/onnx/simplify';
import { feedsOf, run } from './support/same-as-file';

const bytes = (type: 'uint8' | 'int8', dims: readonly number[], ...values: number[]): ConstantTensor => ({
  ...{ type, dims },
  data: new Uint8Array((type === 'int8' ? Int8Array : Uint8Array).from(values).buffer),
});
const int32 = (...values: number[]): ConstantTensor => ({
  ...{ type: 'int32', dims: [values.length] },
  data: new Uint8Array(Int32Array.from(values).buffer),
});
const scalar = (value: number): ConstantTensor => float32Tensor([], [value]);
const some = (count: number): number[] => Array.from({ length: count }, (_, i) => ((i * 37) % 200) - 100);

const SCALE = 1 / 32;
const IMAGE = [1, 2, 4, 4];

type Make = (g: GraphBuilder, x: string, c: (tensor: ConstantTensor) => string) => string;

function modelOf(make: Make, type: DataType = 'float32', microsoft = false, opset = 13): Model {
  const g = new GraphBuilder('quantized');
  const x = g.input('x', 'float32', IMAGE);
  g.output(
    make(g, x, (tensor) => g.constant('c', tensor)),
    type,
    null,
  );
  const model = { ...g.model({}, opset), irVersion: opset > 20 ? 10 : 8 };
  return microsoft ? { ...model, opsets: new Map([...model.opsets, ['com.microsoft', 1]]) } : model;
}

const weights = bytes('int8', [3, 2, 3, 3], ...some(54));
/** uint8 of step 1/32 about 128. */
const around = (c: (tensor: ConstantTensor) => string): [string, string] => [
  c(scalar(SCALE)),
  c(bytes('uint8', [], 128)),
];
const quantize: Make = (g, x, c) => g.node('QuantizeLinear', [x, ...around(c)]);
const dequantize: Make = (g, q, c) => g.node('DequantizeLinear', [q, ...around(c)]);

const models: Readonly<Record<string, Model>> = {
  'QDQ, a scale for each channel': modelOf((g, x, c) => {
    const scales = c(float32Tensor([3], [0.01, 0.02, 0.005]));
    const w = g.node('DequantizeLinear', [c(weights), scales, c(bytes('int8', [3], 0, 3, -5))], { axis: 0 });
    const real = dequantize(g, quantize(g, x, c), c);
    return dequantize(g, quantize(g, g.node('Conv', [real, w]), c), c);
  }),
  'a pool between the conversions': modelOf((g, x, c) =>
    dequantize(g, g.node('MaxPool', [quantize(g, x, c)], { kernel_shape: [2, 2] }), c),
  ),
  'conversions around what moves, picks and pads': modelOf((g, x, c) => {
    const q = quantize(g, x, c);
    const both = g.node('Concat', [q, g.node('Transpose', [q], { perm: [0, 1, 3, 2] })], { axis: 1 });
    const border = [c(int64Tensor([0, 0, 1, 1, 0, 0, 1, 1])), c(bytes('uint8', [], 100))];
    const pooled = g.node('MaxPool', [g.node('Pad', [both, ...border])], { kernel_shape: [3, 3] });
    return dequantize(g, g.node('Reshape', [pooled, c(int64Tensor([1, -1]))]), c);
  }),
  'weights that are written as floats': modelOf((g, x, c) => {
    const w = c(
      float32Tensor(
        [3, 2, 3, 3],
        Float32Array.from({ length: 54 }, (_, i) => Math.sin(i) / 2),
      ),
    );
    const by = [c(float32Tensor([3], [0.02, 0.1, 0.05])), c(bytes('int8', [3], 0, 0, 0))];
    const read = g.node('DequantizeLinear', [g.node('QuantizeLinear', [w, ...by], { axis: 0 }), ...by], {
      axis: 0,
    });
    return g.node('Conv', [x, read]);
  }),
  'weights of 4 bits': modelOf(
    (g, x, c) => {
      const w = c({ type: 'int4', dims: [3, 2, 3, 3], data: new Uint8Array(27).map((_, i) => 37 * i) });
      const zero = c({ type: 'int4', dims: [3], data: new Uint8Array([0xf2, 0x03]) });
      const by = [c(float32Tensor([3], [0.02, 0.1, 0.05])), zero];
      return g.node('Conv', [x, g.node('DequantizeLinear', [w, ...by], { axis: 0 })]);
    },
    'float32',
    false,
    21,
  ),
  'weights in blocks': modelOf(
    (g, x, c) => {
      const w = c({ type: 'uint4', dims: [4, 5], data: new Uint8Array(10).map((_, i) => 91 * i) });
      const scale = c(
        float32Tensor(
          [2, 5],
          Float32Array.from({ length: 10 }, (_, i) => (i + 1) / 50),
        ),
      );
      const zero = c({ type: 'uint4', dims: [2, 5], data: new Uint8Array([0x87, 0x65, 0x43, 0x21, 0xff]) });
      return g.node('MatMul', [x, g.node('DequantizeLinear', [w, scale, zero], { axis: 0, block_size: 2 })]);
    },
    'float32',
    false,
    21,
  ),
  'a type without a zero point': modelOf(
    (g, x, c) => {
      const scale = c(scalar(1 / 80)); // clips at -1.6 and 1.5875
      const q = g.node('QuantizeLinear', [x, scale], { output_dtype: 3 });
      return g.node('DequantizeLinear', [q, scale]);
    },
    'float32',
    false,
    21,
  ),
  QLinearConv: modelOf((g, x, c) => {
    const q = quantize(g, x, c);
    const w = [c(weights), c(float32Tensor([3], [0.01, 0.02, 0.005])), c(bytes('int8', [3], 0, 0, 0))];
    const inputs = [q, ...around(c), ...w, ...around(c), c(int32(100, -200, 300))];
    return dequantize(g, g.node('QLinearConv', inputs), c);
  }),
  QLinearMatMul: modelOf((g, x, c) => {
    const w = [c(bytes('int8', [4, 3], ...some(12))), c(scalar(0.01)), c(bytes('int8', [], 2))];
    return dequantize(g, g.node('QLinearMatMul', [quantize(g, x, c), ...around(c), ...w, ...around(c)]), c);
  }),
  'dynamic quantization': modelOf((g, x, c) => {
    const [q = '', scale = '', zero = ''] = g.nodeWithOutputs('DynamicQuantizeLinear', [x], {}, [
      'q',
      's',
      'z',
    ]);
    const products = g.node('MatMulInteger', [
      q,
      c(bytes('uint8', [4, 3], ...some(12).map((v) => v + 100))),
      zero,
    ]);
    const scaled = g.node('Mul', [scale, c(scalar(0.01))]);
    return g.node('Mul', [g.node('Cast', [products], { to: 1 }), scaled]);
  }),
  'QLinearAdd, QLinearGlobalAveragePool and QGemm': modelOf(
    (g, x, c) => {
      const q = quantize(g, x, c);
      const node = (op: string, inputs: readonly string[]) =>
        g.node(op, inputs, {}, undefined, 'com.microsoft');
      const sum = node('QLinearAdd', [q, ...around(c), q, ...around(c), ...around(c)]);
      const pooled = node('QLinearGlobalAveragePool', [sum, ...around(c), ...around(c)]);
      const flat = g.node('Reshape', [pooled, c(int64Tensor([1, 2]))]);
      const w = [c(bytes('int8', [2, 3], ...some(6))), c(scalar(0.02)), c(bytes('int8', [], 0))];
      return node('QGemm', [flat, ...around(c), ...w, c(int32(100, 0, -100))]);
    },
    'float32',
    true,
  ),
};

describe('the float equivalent', () => {
  for (const [name, model] of Object.entries(models)) {
    test(name, async () => {
      assert.equal(precisionOf(model.graph), 'quantized');
      const { model: lowered, refusals } = lower(model);
      assert.equal(refusals.size, 0);
      const feeds = feedsOf(model);
      const [file, ours] = [await run(model, feeds), await run(lowered, feeds)];
      const output = model.graph.outputs[0]?.name ?? '';
      const [a, b] = [file[output]!, ours[output]!];
      assert.deepEqual(b.dims, a.dims);
      // Each rounding is at most half a step of the quantization, and some of them add up.
      b.data.forEach((value, i) => {
        const apart = Math.abs(Number(value) - Number(a.data[i]));
        assert.ok(apart <= 4 * SCALE, `${output}[${i}]: ${value} and ${a.data[i]}`);
      });
      assert.equal((await compareWithDifferences(lowered, feeds, new Random(1, 1))).is, 'right');
    });
  }

  test('what lies between conversions is in the units of the picture', () => {
    const { model } = lower(models['conversions around what moves, picks and pads']!);
    const operators = simplify(model, {}).model.graph.nodes.map(({ opType }) => opType);
    assert.deepEqual(operators, ['Clip', 'Transpose', 'Concat', 'Pad', 'MaxPool', 'Reshape']);
  });

  test('a tensor that is quantized and read back is only clipped', () => {
    const { model } = lower(modelOf((g, x, c) => g.node('Neg', [dequantize(g, quantize(g, x, c), c)])));
    const [negated] = model.graph.nodes.filter(({ opType }) => opType === 'Neg');
    const maker = model.graph.nodes.find(({ outputs }) => outputs[0] === negated?.inputs[0]);
    assert.equal(maker?.opType, 'Clip');
  });
});

test('16-bit floats become float32 wherever a type is named', async () => {
  const half = (dims: readonly number[], ...bits: number[]): ConstantTensor => ({
    ...{ type: 'float16', dims },
    data: new Uint8Array(Uint16Array.from(bits).buffer),
  });
  const model = modelOf((g, x, c) => {
    const short = g.node('Cast', [x], { to: 10 });
    // 0x3c00 is 1, 0xc100 is -2.5.
    const scaled = g.node('Mul', [short, c(half([4], 0x3c00, 0xc100, 0x3c00, 0xc100))]);
    return g.node('Cast', [g.node('LeakyRelu', [scaled], { alpha: float(0.5) })], { to: 1 });
  });
  assert.equal(precisionOf(model.graph), 'float16');
  const long = toFloat32(model);
  assert.equal(precisionOf(long.graph), null);
  const feeds = feedsOf(model);
  const [file, ours] = [await run(model, feeds), await run(lower(long).model, feeds)];
  const output = model.graph.outputs[0]?.name ?? '';
  ours[output]!.data.forEach((value, i) => {
    const expected = Number(file[output]!.data[i]);
    assert.ok(Math.abs(Number(value) - expected) <= 2e-3 * Math.max(1, Math.abs(expected)), `${i}`);
  });
});

test('every 16-bit float is its own nearest, and halfway the even one is', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [value, next] = [halfToFloat(bits), halfToFloat(bits + 1)];
    const middle = (value + next) / 2;
    assert.equal(roundToHalf(-value), -value);
    assert.equal(roundToHalf(middle), bits % 2 === 0 ? value : next);
    assert.equal(roundToHalf(value + (next - value) / 3), value);
  }
  assert.deepEqual([65519, 65520, -1e9].map(roundToHalf), [65504, Infinity, -Infinity]);
});
