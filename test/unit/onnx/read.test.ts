/** Files written by onnx and torch.onnx are read as those libraries mean them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import type { Model } from '../../../server/src/onnx/model';
import { decodeModel, readInitializer, readModel } from '../../../server/src/onnx/read';
import { stringElements } from '../../../server/src/onnx/strings';
import { numbersOf } from '../../../server/src/onnx/typed-data';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../server/src/runtime/session';
import { modelError } from './support/errors';
import { fixture, fixtureJson } from './support/fixtures';
import { feedOf } from './support/runtime-shapes';

interface Encoded {
  readonly dims: readonly number[];
  readonly bytes: string;
  readonly values: readonly string[];
}

test('every element type is read from every encoding', async () => {
  const model = await readModel(fixture('encodings.onnx'));
  const expected = Object.entries(fixtureJson('encodings.json') as Record<string, Encoded>);
  assert.equal(expected.length, 28);
  for (const [name, { dims, bytes, values }] of expected) {
    const tensor = model.graph.initializers.get(name);
    assert.ok(tensor?.data instanceof Uint8Array, name);
    assert.deepEqual(tensor.dims, dims, name);
    assert.equal(Buffer.from(tensor.data).toString('hex'), bytes, name);
    assert.deepEqual(numbersOf(tensor), values.map(Number), name);
    const typed = await readInitializer(model, name, '.');
    assert.deepEqual([typed.type, typed.dims, typed.data.length], [tensor.type, dims, values.length], name);
  }
});

test('elements of 4 bits share bytes', async () => {
  const model = await readModel(fixture('int4.onnx'));
  const tensor = model.graph.initializers.get('q')!;
  assert.deepEqual(numbersOf(tensor), [1, -2]);
  assert.equal(Buffer.from(tensor.data as Uint8Array).toString('hex'), 'e1');
  const again = decodeModel(encodeModel(model)).graph.initializers.get('q');
  assert.deepEqual(again && numbersOf(again), [1, -2]);
});

test('a Buffer at any offset is read like other bytes', async () => {
  const file = await readFile(fixture('encodings.onnx'));
  for (let shift = 0; shift < 8; shift++) {
    const moved = Buffer.concat([Buffer.alloc(shift), file]).subarray(shift);
    const model = decodeModel(moved);
    const { data } = await readInitializer(model, 'DOUBLE_raw', '.');
    assert.deepEqual(data, Float64Array.of(0.1, -2.5, 1e300));
    assert.equal(
      Object.getPrototypeOf(model.graph.initializers.get('DOUBLE_raw')?.data),
      Uint8Array.prototype,
    );
  }
});

test('64-bit integers keep all their digits', async () => {
  const model = await readModel(fixture('encodings.onnx'));
  for (const name of ['INT64_typed', 'INT64_raw']) {
    const { data } = await readInitializer(model, name, '.');
    assert.deepEqual(data, BigInt64Array.of(-(2n ** 63n), -1n, 2n ** 53n + 1n, 2n ** 63n - 1n));
  }
  const { data } = await readInitializer(model, 'UINT64_typed', '.');
  assert.deepEqual(data, BigUint64Array.of(0n, 2n ** 53n + 1n, 2n ** 64n - 1n));
});

test('strings keep their bytes and are not handed out as numbers', async () => {
  const model = await readModel(fixture('encodings.onnx'));
  const tensor = model.graph.initializers.get('STRING_typed');
  assert.ok(tensor?.data instanceof Uint8Array);
  assert.deepEqual(
    Array.from(stringElements(tensor.data), (bytes) => Buffer.from(bytes).toString()),
    ['café', ''],
  );
  await assert.rejects(
    readInitializer(model, 'STRING_typed', '/models'),
    modelError('/models: expected numbers in initializer "STRING_typed", found strings.'),
  );
  await assert.rejects(
    readInitializer(model, 'absent', '/models'),
    modelError('/models: expected an initializer "absent" in graph "g", found none.'),
  );
});

test('attributes of every kind', async () => {
  const { graph, opsets, producer, irVersion } = await readModel(fixture('attributes.onnx'));
  assert.deepEqual([...opsets], [['', 17]]);
  assert.deepEqual([producer, irVersion, graph.name], ['fixtures', 8, 'g']);
  const of = (output: string) => graph.nodes.find((node) => node.outputs.includes(output))?.attributes;
  assert.deepEqual(of('l')?.get('alpha'), { kind: 'float', value: 0.25 });
  assert.deepEqual(of('p')?.get('perm'), { kind: 'ints', value: [1, 0] });
  assert.deepEqual(of('f')?.get('axis'), { kind: 'int', value: -1 });
  assert.deepEqual(of('y')?.get('mode'), { kind: 'string', value: 'edge' });
  assert.deepEqual(of('floats')?.get('value_floats'), { kind: 'floats', value: [0.5, 1.5] });
  assert.deepEqual(of('strings')?.get('value_strings'), { kind: 'strings', value: ['a', 'bé'] });
  const constant = of('one')?.get('value');
  assert.ok(constant?.kind === 'tensor');
  assert.deepEqual(numbersOf(constant.value), [1]);
  const branch = of('i')?.get('else_branch');
  assert.ok(branch?.kind === 'graph');
  assert.deepEqual(
    branch.value.nodes.map((node) => node.opType),
    ['Sub'],
  );
  assert.deepEqual(graph.inputs, [{ name: 'x', type: 'float32', dims: ['n'] }]);
  assert.deepEqual(graph.outputs[0], { name: 'y', type: 'float32', dims: [null, null] });
});

test('up to IR 3, initializers that are listed as inputs are not inputs; nodes are put in order', async () => {
  const { graph } = await readModel(fixture('oldest.onnx'));
  assert.deepEqual(
    graph.inputs.map((input) => input.name),
    ['x'],
  );
  assert.deepEqual(
    graph.nodes.map((node) => node.opType),
    ['Add', 'Relu'],
  );
});

test('external data is checked when the model is read and loaded by name', async () => {
  const path = fixture('external.onnx');
  const model = await readModel(path);
  assert.deepEqual(model.graph.initializers.get('w')?.data, {
    location: 'external.bin',
    offset: 0,
    length: 2400,
  });
  const { dims, data } = await readInitializer(model, 'w', dirname(path));
  assert.deepEqual(dims, [2, 300]);
  assert.deepEqual(
    Array.from(data, Number),
    Array.from({ length: 600 }, (_, i) => i),
  );
});

const runnable = [
  'attributes',
  'functions',
  'oldest',
  'torchscript-11',
  'torchscript-13',
  'torchscript-17',
  'dynamo-18',
];
const dims: Readonly<Record<string, readonly number[]>> = { functions: [3], oldest: [2], attributes: [4] };

async function run(
  model: Uint8Array | string,
  feeds: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const session = await createSession(model, { provider: 'cpu', optimization: 'disabled' });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

test('a model computes the same after reading and writing', async (context) => {
  for (const name of runnable) {
    await context.test(name, async () => {
      const path = fixture(`${name}.onnx`);
      const x = feedOf('float32', dims[name] ?? [2, 3, 24, 20]);
      const model = await readModel(path);
      const expected = await run(new Uint8Array(await readFile(path)), { x });
      assert.ok(Object.keys(expected).length > 0);
      assert.deepEqual(await run(encodeModel(model), { x }), expected);
      assert.deepEqual(
        decodeModel(encodeModel(model)),
        model,
        'reading what was written gives the same model',
      );
    });
  }
});

test('what PyTorch computed comes out of its exported model', async () => {
  const golden = fixtureJson('exported.json') as Record<
    'input' | 'output',
    { dims: number[]; values: number[] }
  >;
  for (const name of runnable.filter((each) => each.includes('-'))) {
    const model: Model = await readModel(fixture(`${name}.onnx`));
    const x: Tensor = {
      type: 'float32',
      dims: golden.input.dims,
      data: Float32Array.from(golden.input.values),
    };
    const { y } = await run(encodeModel(model), { x });
    assert.deepEqual(y?.dims, golden.output.dims);
    golden.output.values.forEach((value, i) => {
      assert.ok(
        Math.abs(Number(y.data[i]) - value) < 1e-6,
        `${name} ${i}: ${String(y.data[i])} against ${value}`,
      );
    });
  }
});

test('local functions are inlined', async () => {
  const { graph, opsets } = await readModel(fixture('functions-pass-through.onnx'));
  assert.deepEqual(
    graph.nodes.map((node) => node.opType),
    ['LeakyRelu', 'Add', 'Mul', 'LeakyRelu', 'Add', 'Mul', 'LeakyRelu', 'Identity'],
  );
  const slopes = graph.nodes.flatMap((node) => node.attributes.get('alpha')?.value ?? []);
  assert.deepEqual(slopes, [0.5, 0.125, 2], 'default, given, given to an inner function');
  assert.deepEqual(graph.nodes.at(-1)?.inputs, graph.nodes[5]?.outputs, 'an input that is an output as well');
  assert.deepEqual(
    [...opsets],
    [
      ['', 17],
      ['local', 1],
    ],
  );
});

const types =
  'float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64, bfloat16, uint4, int4';

const refused: readonly (readonly [file: string, message: string])[] = [
  ['sparse', 'byte 71: expected dense initializers, found a sparse one.'],
  ['sequence', 'byte 48: expected input "x" to be a tensor, found a sequence.'],
  ['complex', `byte 37: expected tensor "c" to have an element type of ${types}, found COMPLEX64.`],
  ['opset', 'expected function "F" to use opset 17 of ai.onnx as the model does, found opset 11.'],
  ['recursion', 'expected functions nested at most 64 deep, found "F" calling itself or a deeper one.'],
];

test('valid models that cannot be represented are refused by name', async () => {
  for (const [file, message] of refused) {
    const path = fixture(`refused-${file}.onnx`);
    await assert.rejects(readModel(path), modelError(`${path}: ${message}`));
  }
});
