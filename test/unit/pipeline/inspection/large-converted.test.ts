/** Large files whose weights are converted (16-bit floats, quantized): how they are fed is said without reading the weights. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { float32Tensor, GraphBuilder } from '../../../../server/src/onnx/builder';
import type { ConstantTensor, Model } from '../../../../server/src/onnx/model';
import { isExternal } from '../../../../server/src/onnx/model';
import { readExternal } from '../../../../server/src/onnx/external-data';
import { encodeModel } from '../../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../../server/src/pipeline/network/onnx/open';
import { modelStructure } from '../../../../server/src/pipeline/inspection/structure';
import { writeSparse } from '../../../support/sparse-model';
import { temporaryFolder } from '../../../support/temp';

const place = temporaryFolder('large-converted');

const SIDE = 112;
const PIXELS = 3 * SIDE * SIDE;
const CLASSES = 10;

const zeros = (type: 'float16' | 'int8', rows: number, columns: number): ConstantTensor => ({
  ...{ type, dims: [rows, columns] },
  data: new Uint8Array(rows * columns * (type === 'float16' ? 2 : 1)),
});

type Weights = (graph: GraphBuilder, name: string, rows: number, columns: number) => string;

const KINDS: Readonly<Record<string, { readonly input: 'float16' | 'float32'; readonly weights: Weights }>> =
  {
    float16: {
      input: 'float16',
      weights: (graph, name, rows, columns) => graph.initializer(name, zeros('float16', rows, columns)),
    },
    // A scale and a zero point for each column.
    quantized: {
      input: 'float32',
      weights: (graph, name, rows, columns) => {
        const scales = Float32Array.from({ length: columns }, (_, i) => 0.01 + i / 1000);
        return graph.node(
          'DequantizeLinear',
          [
            graph.initializer(name, zeros('int8', rows, columns)),
            graph.initializer(`${name}_scale`, float32Tensor([columns], scales)),
            graph.initializer(`${name}_zero`, {
              type: 'int8',
              dims: [columns],
              data: new Uint8Array(columns).fill(3),
            }),
          ],
          { axis: 1 },
        );
      },
    },
  };

/** Products with matrices of these numbers of columns, and a softmax. */
function products({ input, weights }: (typeof KINDS)[string], widths: readonly number[]): Model {
  const graph = new GraphBuilder('large');
  let x = graph.node('Flatten', [graph.input('x', input, [1, 3, SIDE, SIDE])]);
  let rows = PIXELS;
  [...widths, CLASSES].forEach((columns, i) => {
    const product = graph.node('MatMul', [x, weights(graph, `w${i}`, rows, columns)]);
    x = columns === CLASSES ? product : graph.node('Relu', [product]);
    rows = columns;
  });
  graph.output(graph.node('Softmax', [x], { axis: 1 }, 'y'), input, [1, CLASSES]);
  return graph.model();
}

const megabytes = (): number => process.resourceUsage().maxRSS / 1024;

for (const [kind, how] of Object.entries(KINDS)) {
  test(`${kind}: what is said without the weights is what the whole file says`, async () => {
    const path = join(place, `${kind}.onnx`);
    // Just large enough to be skimmed.
    const model = products(how, [Math.ceil((34 << 20) / PIXELS / (kind === 'float16' ? 2 : 1))]);
    writeSparse(path, model);
    const whole = await openOnnxClassifier(path, { inputSize: null });
    const looked = await openOnnxClassifier(path, { inputSize: null, values: false });
    const { model: m, file: f, ...said } = looked;
    const { model: wholeModel, file: wholeFile, ...expected } = whole;
    assert.deepEqual(said, expected);
    assert.deepEqual([f?.precision, f?.half], [wholeFile?.precision, wholeFile?.half]);
    assert.deepEqual(m.graph.nodes, wholeModel.graph.nodes);
    const left = [...m.graph.initializers].filter(([, { data }]) => isExternal(data));
    assert.equal(left.length, 1);
    for (const [name, { type, dims, data }] of left) {
      const known = wholeModel.graph.initializers.get(name);
      assert.deepEqual([type, dims], [known?.type, known?.dims]);
      // Read after all, it is converted as the whole file's is.
      const bytes = isExternal(data) ? await readExternal(place, data, name) : data;
      assert.ok(Buffer.from(bytes).equals(known?.data as Uint8Array), name);
    }
    assert.throws(() => encodeModel(m), /has to be read first/, 'and never written as what it is not');
  });

  test(`${kind}: 1 GB is described in little memory`, async () => {
    const path = join(place, `${kind}-1GB.onnx`);
    const columns = Math.ceil((1 << 30) / PIXELS / (kind === 'float16' ? 2 : 1));
    writeSparse(path, products(how, [columns]));
    const before = megabytes();
    const structure = await modelStructure(path);
    assert.ok(structure.bytes > 1 << 30);
    assert.equal(structure.parameters, PIXELS * columns + columns * CLASSES);
    const { layers } = await openOnnxClassifier(path, { inputSize: null, values: false });
    assert.equal(layers.length, 2);
    assert.ok(megabytes() - before < 200, `${megabytes() - before} MB more`);
  });
}
