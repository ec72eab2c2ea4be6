/** Networks that end in a linear layer: which weights alone say that the outputs are not probabilities. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillUniform } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { isExternal, type ConstantTensor } from '../../../server/src/onnx/model';
import { endsInLogits } from '../../../server/src/pipeline/network/head/linear-end';

/** More features than are looked at first. */
const [FEATURES, CLASSES] = [20, 4];
const uniform = (seed: number, count: number): Float32Array => fillUniform(new Float32Array(count), seed, 1);

/** (classes, features). */
const trained = uniform(1, CLASSES * FEATURES);
const bias = uniform(2, CLASSES);

/** Each feature's weights less their mean over the classes, as weight decay leaves them behind a softmax. */
const centered = trained.map((weight, at) => {
  const column = trained.filter((_, other) => other % FEATURES === at % FEATURES);
  return weight - column.reduce((a, b) => a + b, 0) / CLASSES;
});

/** The last feature alone tells it from a layer behind a softmax. */
const late = centered.map((weight, at) => (at % FEATURES === FEATURES - 1 ? weight + 1 : weight));

/** Of probabilities of the features, each given on to the classes in shares. */
const mixture = trained.map((weight, at) => {
  const column = trained.filter((_, other) => other % FEATURES === at % FEATURES).map(Math.abs);
  return Math.abs(weight) / column.reduce((a, b) => a + b, 0);
});

const none = new Float32Array(CLASSES);
const quarter = none.map(() => 1 / CLASSES);

type Form = 'Gemm' | 'Gemm, transB' | 'MatMul' | 'MatMul and Add' | 'Relu behind it';

function graphOf(
  form: Form,
  weights: Float32Array,
  added: Float32Array,
  before = ['Relu', 'LayerNormalization'],
) {
  const graph = new GraphBuilder('end');
  const image = graph.input('image', 'float32', [1, FEATURES]);
  const x = before.reduceRight((features, opType) => graph.node(opType, [features]), image);
  const turned = Float32Array.from({ length: weights.length }, (_, at) => {
    return weights[(at % CLASSES) * FEATURES + Math.floor(at / CLASSES)] ?? 0;
  });
  const upright = form === 'Gemm, transB';
  const w = upright
    ? graph.initializer('w', float32Tensor([CLASSES, FEATURES], weights))
    : graph.initializer('w', float32Tensor([FEATURES, CLASSES], turned));
  const b = graph.initializer('b', float32Tensor([CLASSES], added));
  const y = form.startsWith('Gemm')
    ? graph.node('Gemm', [x, w, b], upright ? { transB: 1 } : {})
    : graph.node('MatMul', [x, w]);
  const sum = form === 'MatMul and Add' ? graph.node('Add', [b, y]) : y;
  graph.output(graph.node(form === 'Relu behind it' ? 'Relu' : 'Identity', [sum], {}, 'out'), 'float32', [
    1,
    CLASSES,
  ]);
  return graph.graph();
}

const read = (_: string, { data }: ConstantTensor): Promise<Float32Array | null> =>
  Promise.resolve(isExternal(data) ? null : new Float32Array(data.slice().buffer));

const rows: readonly (readonly [string, Form, Float32Array, Float32Array, boolean])[] = [
  ['a trained layer', 'Gemm, transB', trained, bias, true],
  ['a trained layer', 'Gemm', trained, bias, true],
  ['a trained layer', 'MatMul', trained, none, true],
  ['a trained layer', 'MatMul and Add', trained, bias, true],
  ['columns that sum to 0, and a bias that does not sum to 1', 'Gemm, transB', centered, bias, true],
  ['columns that sum to 0, and a bias that sums to 1', 'Gemm, transB', centered, quarter, false],
  ['columns that sum to 0, and a bias that sums to 1', 'MatMul and Add', centered, quarter, false],
  ['one column of another sum', 'Gemm, transB', late, quarter, true],
  ['one column of another sum', 'MatMul', late, none, true],
  ['a mixture of probabilities', 'Gemm, transB', mixture, none, false],
  ['a mixture of probabilities', 'MatMul', mixture, none, false],
  ['what is not the last operator', 'Relu behind it', trained, none, false],
];

for (const [what, form, weights, added, expected] of rows)
  test(`${what} (${form}): ${expected ? 'logits' : 'has to be measured'}`, async () => {
    assert.equal(await endsInLogits(graphOf(form, weights, added), 'out', CLASSES, read), expected);
  });

for (const before of [['Softmax'], ['Sigmoid'], ['Identity', 'Relu', 'Softmax', 'LayerNormalization'], []])
  test(`features that hang together (${before.join(', ') || 'the image'}) have to be measured`, async () => {
    const graph = graphOf('Gemm', trained, bias, before);
    assert.equal(await endsInLogits(graph, 'out', CLASSES, read), false);
  });

test('weights that cannot be read, and other numbers of outputs, have to be measured', async () => {
  const graph = graphOf('Gemm', trained, bias);
  assert.equal(await endsInLogits(graph, 'out', CLASSES, () => Promise.resolve(null)), false);
  assert.equal(await endsInLogits(graph, 'out', FEATURES, read), false);
});
