/** What is said of a model file without running it: its structure, its operations, and its weights page by page. */
import assert from 'node:assert/strict';
import { mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { float32Tensor, GraphBuilder } from '../../../../server/src/onnx/builder';
import { countParameters } from '../../../../server/src/onnx/count-parameters';
import type { Model } from '../../../../server/src/onnx/model';
import { isExternal } from '../../../../server/src/onnx/model';
import { readExternal } from '../../../../server/src/onnx/external-data';
import { readModel } from '../../../../server/src/onnx/read';
import { encodeModel } from '../../../../server/src/onnx/write';
import { modelFeeding } from '../../../../server/src/pipeline/inspection/feeding';
import { flopsOf } from '../../../../server/src/pipeline/inspection/operations';
import { skimModel } from '../../../../server/src/onnx/skim';
import { openOnnxClassifier } from '../../../../server/src/pipeline/network/onnx/open';
import { tailValues } from '../../../../server/src/pipeline/network/head/tail-values';
import { modelStructure } from '../../../../server/src/pipeline/inspection/structure';
import { summary, weightPage } from '../../../../server/src/pipeline/inspection/weights';
import { ModelStore } from '../../../../server/src/store/store';
import { expanded, expandedFile } from '../../../support/checkpoints/expanded';
import { floats } from '../../../support/checkpoints/torch-writer';
import { smallClassifier } from '../../../support/small-classifier';
import { temporaryFolder } from '../../../support/temp';
import { savedShapes } from '../../architectures/state-dicts';

const place = temporaryFolder('inspection');

function saved(name: string, model: Model): string {
  const path = join(place, name);
  writeFileSync(path, encodeModel(model));
  return path;
}

/** A matrix of 256 KB, and a small one. */
function wide(): Model {
  const graph = new GraphBuilder('wide');
  const x = graph.input('x', 'float32', [1, 256]);
  const values = Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i));
  const large = graph.initializer('blocks.0.fc.weight', float32Tensor([256, 256], values));
  const h = graph.node('MatMul', [x, large], {}, 'h');
  const small = graph.initializer('head.weight', float32Tensor([256, 2], new Float32Array(512).fill(0.5)));
  graph.node('MatMul', [h, small], {}, 'y');
  graph.output('y', 'float32', [1, 2]);
  return graph.model();
}

test('a file is skimmed to the model that reading it whole gives, its large tensors left where they are', async () => {
  const path = saved('wide.onnx', wide());
  const whole = await readModel(path);
  const { model, folder } = await skimModel(path, 1);
  assert.deepEqual(
    [...model.graph.initializers].map(([name, { data }]) => [name, isExternal(data)]),
    [
      ['blocks.0.fc.weight', true],
      ['head.weight', false],
    ],
  );
  for (const [name, { type, dims, data }] of whole.graph.initializers) {
    const skimmed = model.graph.initializers.get(name);
    assert.ok(skimmed !== undefined);
    assert.deepEqual([skimmed.type, skimmed.dims], [type, dims]);
    const bytes = isExternal(skimmed.data) ? await readExternal(folder, skimmed.data, name) : skimmed.data;
    assert.deepEqual(Buffer.from(bytes), Buffer.from(data as Uint8Array));
  }
  assert.deepEqual(model.graph.nodes, whole.graph.nodes);
});

test('a link to a file in another folder is skimmed like the file', async () => {
  const path = saved('linked.onnx', wide());
  mkdirSync(join(place, 'links'));
  const link = join(place, 'links', 'model.onnx');
  symlinkSync(path, link);
  const { model, folder } = await skimModel(link, 1);
  const { data } = model.graph.initializers.get('blocks.0.fc.weight') ?? {};
  assert.ok(data !== undefined && isExternal(data));
  assert.equal((await readExternal(folder, data, 'it')).byteLength, 4 * 256 * 256);
});

test('cut short or with bytes changed, a skimmed file fails with the words of one that is read whole', async () => {
  const bytes = encodeModel(wide());
  for (const [name, damaged] of [
    ['cut.onnx', bytes.subarray(0, bytes.byteLength - 1000)],
    ['changed.onnx', Uint8Array.from(bytes, (byte, i) => (i === 40 ? byte ^ 255 : byte))],
  ] as const) {
    const path = join(place, name);
    writeFileSync(path, damaged);
    const expected = await readModel(path).then(
      () => null,
      (thrown: unknown) => (thrown as Error).message,
    );
    const found = await skimModel(path, 1).then(
      () => null,
      (thrown: unknown) => (thrown as Error).message,
    );
    assert.equal(found, expected, name);
  }
});

/** 35 MB of weights, and a softmax. */
function heavy(): Model {
  const graph = new GraphBuilder('heavy');
  const flat = graph.node('Flatten', [graph.input('x', 'float32', [1, 3, 540, 540])]);
  const [inputs, classes] = [3 * 540 * 540, 10];
  const weights = float32Tensor([inputs, classes], new Float32Array(inputs * classes).fill(0.01));
  const logits = graph.node('MatMul', [flat, graph.initializer('fc', weights)]);
  graph.output(graph.node('Softmax', [logits], { axis: 1 }, 'y'), 'float32', [1, classes]);
  return graph.model();
}

test('how a large file is fed is found without its weights, and is what the whole file says', async () => {
  const path = saved('heavy.onnx', heavy());
  const [whole, skimmed] = [
    await openOnnxClassifier(path, { inputSize: null }),
    await openOnnxClassifier(path, { inputSize: null, values: false }),
  ];
  assert.equal(whole.activation?.kind, 'softmax');
  const { model, ...said } = skimmed;
  const { model: _, ...expectedWords } = whole;
  assert.deepEqual(said, expectedWords);
  const { data } = model.graph.initializers.get('fc') ?? {};
  assert.ok(data !== undefined && isExternal(data));
  // A file that is cut short within a weight says so, by its position in the file.
  const cut = saved('cut-heavy.onnx', heavy());
  truncateSync(cut, statSync(path).size - 1_000_000);
  const words = (values: boolean) =>
    openOnnxClassifier(cut, { inputSize: null, values }).then(
      () => null,
      (thrown: unknown) => (thrown as Error).message,
    );
  const expected = await words(true);
  assert.ok(expected !== null);
  assert.equal(await words(false), expected);
});

test('what follows the logits is run with large constants too, wherever they lie', async () => {
  const graph = new GraphBuilder('factors');
  const classes = 20_000;
  const z = graph.node('Relu', [graph.input('x', 'float32', [1, classes])], {}, 'z');
  const factors = float32Tensor(
    [classes],
    Float32Array.from({ length: classes }, (_, i) => Math.cos(i)),
  );
  graph.output(graph.node('Mul', [z, graph.initializer('factors', factors)], {}, 'y'), 'float32', [
    1,
    classes,
  ]);
  const path = saved('factors.onnx', graph.model());
  const { model, folder } = await skimModel(path, 1);
  const { data } = model.graph.initializers.get('factors') ?? {};
  assert.ok(data !== undefined && isExternal(data));
  const run = await tailValues(
    model,
    {
      ...{ from: 'z', type: 'float32', dims: [1, classes], to: ['y'] },
      factsOf: () => ({ type: 'float32', dims: [1, classes] }),
      read: (name, at) => readExternal(folder, at, name),
    },
    [new Float32Array(classes).fill(2)],
  );
  assert.equal(run?.values[0]?.get('y')?.[7], 2 * Math.fround(Math.cos(7)));
});

test('structure of a graph: ports, modules with their weights, operations, operators', async () => {
  const path = saved('small.onnx', smallClassifier());
  const structure = await modelStructure(path);
  assert.deepEqual(structure.inputs, [{ name: 'image', type: 'float32', shape: [1, 3, 64, 64] }]);
  assert.equal(structure.parameters, 8 * 27 + 6 * 72 + 18 + 3);
  // Two a multiply-add: conv1 8x32x32 of 27, conv2 6x32x32 of 72, the last layer 3 of 6.
  assert.equal(structure.flops, 2 * (8 * 1024 * 27 + 6 * 1024 * 72 + 18));
  const weights = structure.rows.filter(({ kind }) => kind === 'tensor').map(({ path: name }) => name);
  assert.deepEqual(weights.sort(), ['b3', 'w1', 'w2', 'w3']);
  assert.ok(structure.operators.every(({ gradient }) => gradient !== 'missing'));
});

test('modules come from dotted names, and what an operator without a rule is is said', async () => {
  const model = wide();
  const foreign = { ...model.graph.nodes[0]!, opType: 'Mystery', domain: 'com.example', outputs: ['m'] };
  const structure = await modelStructure(
    saved('foreign.onnx', { ...model, graph: { ...model.graph, nodes: [...model.graph.nodes, foreign] } }),
  );
  assert.deepEqual(
    structure.operators.filter(({ gradient }) => gradient === 'missing').map(({ name }) => name),
    ['com.example.Mystery'],
  );
  const rows = structure.rows.map(({ path, depth, parameters }) => [path, depth, parameters]);
  assert.deepEqual(rows.slice(0, 5), [
    ['', 0, 65536 + 512],
    ['blocks', 1, 65536],
    ['blocks.0', 2, 65536],
    ['blocks.0.fc', 3, 65536],
    ['blocks.0.fc.weight', 4, 65536],
  ]);
});

test('running statistics are not parameters: torchvision states 3,504,872 for its MobileNet V2', async () => {
  const path = 'models/mobilenet_v2/mobilenet_v2-b0353104.pth';
  const structure = await modelStructure(path);
  assert.equal(structure.parameters, 3_504_872);
  assert.equal(structure.madeBy, 'torchvision/mobilenet_v2');
  assert.deepEqual([structure.flops, structure.operators], [null, []]);
});

test('weights come in pages, each where the one before it ended', async () => {
  const path = 'models/mobilenet_v2/mobilenet_v2-b0353104.pth';
  const names: string[] = [];
  for (let from: number | null = 0, pages = 0; from !== null; pages++) {
    assert.ok(pages < 20);
    const page: Awaited<ReturnType<typeof weightPage>> = await weightPage(path, from);
    names.push(...page.rows.map((row) => row.path));
    from = page.next;
  }
  const structure = await modelStructure(path);
  const tensors = structure.rows.filter(({ kind }) => kind === 'tensor').map((row) => row.path);
  assert.deepEqual(names.toSorted(), tensors.toSorted());
});

test('statistics are of the finite values, and say how many are not', () => {
  const { histogram, ...rest } = summary(Float32Array.of(0, 1, 2, 3, NaN, Infinity, -Infinity));
  const std = Math.sqrt(1.25);
  assert.deepEqual(rest, { mean: 1.5, std, min: 0, max: 3, zeros: 1, nan: 1, inf: 2 });
  assert.equal(
    histogram.reduce((sum, count) => sum + count, 0),
    4,
  );
  assert.deepEqual([histogram[0], histogram.at(-1)], [1, 1]);
  assert.equal(summary(Float32Array.of(NaN)).mean, null);
});

test('operations of grouped and transposed convolutions and of a transposed Gemm', () => {
  const dims: Readonly<Record<string, readonly number[]>> = {
    x: [1, 8, 10, 10],
    depthwise: [8, 1, 3, 3],
    up: [8, 4, 2, 2],
    same: [1, 8, 10, 10],
    double: [1, 4, 20, 20],
    a: [5, 3],
    b: [5, 7],
    ab: [3, 7],
  };
  const of = (opType: string, inputs: string[], output: string, transA?: number) =>
    flopsOf(
      {
        ...{ opType, domain: '', name: '', inputs, outputs: [output] },
        attributes: new Map(transA === undefined ? [] : [['transA', { kind: 'int', value: transA }]]),
      },
      (name) => dims[name],
    );
  assert.equal(of('Conv', ['x', 'depthwise'], 'same'), 2 * 800 * 9);
  assert.equal(of('ConvTranspose', ['x', 'up'], 'double'), 2 * 800 * 16);
  assert.equal(of('Gemm', ['a', 'b'], 'ab', 1), 2 * 21 * 5);
  assert.equal(of('Relu', ['x'], 'same'), 0);
  assert.equal(of('Einsum', ['a', 'b'], 'ab'), null);
  assert.equal(of('MatMul', ['unknown', 'b'], 'ab'), null);
});

test('parameters of quantized files are those of their float form: scales and zero points are told apart', async () => {
  const graph = new GraphBuilder('quantized');
  const x = graph.input('x', 'float32', [1, 8]);
  const bytes = (name: string, dims: readonly number[]) =>
    graph.initializer(name, {
      type: 'int8',
      dims,
      data: new Uint8Array(dims.reduce((a, b) => a * b, 1)),
    });
  const scale = (name: string, n: number) =>
    graph.initializer(name, float32Tensor([n], new Float32Array(n).fill(0.1)));
  // QDQ, one scale a column; then as dynamic quantization writes a product.
  const w = graph.node('DequantizeLinear', [bytes('w', [8, 4]), scale('w_s', 4), bytes('w_z', [4])], {
    axis: 1,
  });
  const h = graph.node('Add', [graph.node('MatMul', [x, w]), scale('bias', 4)]);
  const [q = '', s = '', z = ''] = graph.nodeWithOutputs('DynamicQuantizeLinear', [h], {}, ['q', 's', 'z']);
  const integers = graph.node('MatMulInteger', [q, bytes('v', [4, 3]), z, bytes('v_z', [])]);
  const scales = graph.node('Mul', [s, scale('v_s', 1)]);
  graph.node('Mul', [graph.node('Cast', [integers], { to: 1 }), scales], {}, 'y');
  graph.output('y', 'float32', [1, 3]);
  const path = saved('quantized.onnx', graph.model());
  const { parameters, notes, rows } = await modelStructure(path);
  assert.equal(parameters, 8 * 4 + 4 + 4 * 3);
  assert.equal(countParameters(await readModel(path)), parameters);
  assert.ok(
    notes.some((note) => /^Quantized: 5 scales and 5 zero points/.test(note)),
    notes.join('\n'),
  );
  assert.deepEqual(
    rows.flatMap(({ kind, path: name, type }) => (kind === 'tensor' ? [`${name}: ${type}`] : [])).sort(),
    [
      'bias: float32',
      'v: int8',
      'v_s: float32 scale',
      'v_z: int8 zero point',
      'w: int8',
      'w_s: float32 scale',
      'w_z: int8 zero point',
    ],
  );
});

test('how a checkpoint is fed is said from names and shapes: no weight is read', async () => {
  const file = expandedFile({ '': expanded(savedShapes('torchvision/resnet18')) });
  const feeding = (name: string, bytes: Buffer) => {
    writeFileSync(join(place, name), bytes);
    return modelFeeding(join(place, name), new ModelStore(join(place, 'store')), { trusted: true });
  };
  const whole = await feeding('whole.pth', file);
  const damaged = Buffer.from(file);
  const at = damaged.indexOf(floats(0.011, -0.017));
  assert.ok(at > 0);
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  const { shape, flops, lens } = await feeding('damaged.pth', damaged);
  assert.deepEqual([shape, flops], [[1, 3, 224, 224], whole.flops]);
  assert.ok(flops !== null && flops > 3e9);
  assert.deepEqual(
    lens.values.map(({ key, value }) => [key, value]),
    whole.lens.values.map(({ key, value }) => [key, value]),
  );
  await assert.rejects(weightPage(join(place, 'damaged.pth'), 0), /CRC/);
});
