/** The explain graph in the CPU's blocked layout: the same results, and no change of layout that is undone again. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { ExplainOutputs } from '../../../server/src/explain/assemble';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { blockedPasses, keepBlocked } from '../../../server/src/explain/blocked';
import { blockedGates } from '../../../server/src/explain/blocked/gates';
import { decodeExplain } from '../../../server/src/explain/decode';
import { attribute } from '../../../server/src/onnx/attributes';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model, Node } from '../../../server/src/onnx/model';
import { readModel } from '../../../server/src/onnx/read';
import { writeModel } from '../../../server/src/onnx/write';
import { BLOCKED_DOMAIN, channelBlock } from '../../../server/src/runtime/blocked-layout';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { optimizedModel, saveOptimized } from '../../../server/src/runtime/optimized';
import type { Tensor } from '../../../server/src/runtime/session';
import { relativeL2 } from '../../support/golden';
import { temporaryFolder } from '../../support/temp';
import { floats, miniNetwork, randomImage, runOnce, target } from './mini-network';
import { applyPasses } from '../../support/apply-passes';

const cpu = { provider: 'cpu', threads: 1 } as const;
const folder = temporaryFolder('blocked');
const NONE = 'the runtime has no blocked layout on this CPU';

let block: number | null = null;
before(async () => {
  block = await channelBlock();
});

type Finish = (optimized: Model) => Model;

/** As the cache keeps it: optimized, rewritten, loaded without optimizing. */
async function kept(name: string, model: Model, finish: Finish): Promise<{ path: string; model: Model }> {
  const place = join(folder, name);
  mkdirSync(place);
  const built = join(place, 'built.onnx');
  await writeModel(model, built);
  await saveOptimized(built, place, cpu, finish);
  const { modelPath } = optimizedModel(place);
  return { path: modelPath, model: await readModel(modelPath) };
}

async function run(path: string, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await createSession(path, { ...cpu, optimization: 'disabled' });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

const isBlocked = (node: Node, opType: string): boolean =>
  node.domain === BLOCKED_DOMAIN && node.opType === opType;

/** Blocked tensors that are put into plain order and back. */
function roundTrips({ graph: { nodes } }: Model): readonly string[] {
  const plain = new Set(nodes.filter((node) => isBlocked(node, 'ReorderOutput')).flatMap((n) => n.outputs));
  return nodes
    .filter((node) => isBlocked(node, 'ReorderInput') && plain.has(node.inputs[0] ?? ''))
    .flatMap(({ outputs }) => outputs);
}

function assertSame(
  results: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Tensor>>,
  tolerance: number,
): void {
  assert.deepEqual(Object.keys(results).sort(), Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(expected)) {
    assert.deepEqual(results[name]?.dims, tensor.dims);
    if (tensor.type !== 'float32') continue;
    const distance = relativeL2(floats(results[name]), tensor.data);
    assert.ok(distance <= tolerance, `${name} differs by ${distance}`);
  }
}

/** The layers with their tensors and shapes. */
const withShapes = (
  { layers }: ReturnType<typeof miniNetwork>,
  outputs: ExplainOutputs,
): readonly { readonly name: string; readonly tensor: string; readonly shape: readonly number[] }[] =>
  layers.map((layer, i) => ({ ...layer, shape: outputs.layers[i]?.shape ?? [] }));

/** Which elements share a row of the statistics is up to the layout: a report adds them up. */
function withTotals(
  results: Readonly<Record<string, Tensor>>,
  outputs: ExplainOutputs,
): Readonly<Record<string, Tensor>> {
  const [sample] = decodeExplain(outputs, results);
  const totals = outputs.layers.map(({ stats }, i): [string, Tensor] => {
    const { mean, std, min, max, zeros } = sample?.layers[i]?.statistics ?? {};
    const data = Float32Array.from([mean, std, min, max, zeros], (value) => value ?? NaN);
    return [stats.tensor, { type: 'float32', dims: [data.length], data }];
  });
  return { ...results, ...Object.fromEntries(totals) };
}

describe('a whole explain graph', () => {
  const shape = [1, 3, 22, 27];
  for (const kind of ['squeeze-excite', 'relu'] as const) {
    test(`${kind}: computes the same, without a round trip`, async (t) => {
      if (block === null) {
        t.skip(NONE);
        return;
      }
      const size = block;
      const request = { ...miniNetwork(kind, shape), methods: ['gradcam', 'layercam'] as const };
      const feeds = { image: randomImage(shape), target: target(1) };
      const graph = assembleExplainGraph(request, blockedPasses(size));
      const { path, model } = await kept(kind, graph.model, (made) => keepBlocked(made, graph.shapes, size));
      assert.deepEqual(roundTrips(model), []);
      const plain = assembleExplainGraph(request, []);
      const [found, expected] = [await run(path, feeds), await runOnce(plain.model, feeds, 'disabled')];
      assertSame(withTotals(found, graph.outputs), withTotals(expected, plain.outputs), 1e-4);
    });
  }

  test('what is read of a layer in whole blocks is read in blocks', async (t) => {
    if (block === null) {
      t.skip(NONE);
      return;
    }
    const size = block;
    const request = { ...miniNetwork('squeeze-excite', shape), methods: ['gradcam'] as const };
    const graph = assembleExplainGraph(request, blockedPasses(size));
    const { model } = await kept('results', graph.model, (made) => keepBlocked(made, graph.shapes, size));
    const read = model.graph.nodes
      .filter(({ opType }) => opType === 'Reshape')
      .map(({ inputs: [x = ''] }) => x);
    for (const {
      name,
      tensor,
      shape: [, channels = 0, height = 1],
    } of withShapes(request, graph.outputs))
      if (height > 1) assert.equal(read.includes(tensor), channels % size !== 0, name);
  });

  test('gates, forward and backward, are convolutions with computed weights in blocks', async (t) => {
    if (block === null) {
      t.skip(NONE);
      return;
    }
    const size = block;
    const request = { ...miniNetwork('squeeze-excite', shape), methods: ['gradcam'] as const };
    const graph = assembleExplainGraph(request, blockedPasses(size));
    const unfinished = await kept('unfinished', graph.model, (made) => made);
    const { model } = await kept('finished', graph.model, (made) => keepBlocked(made, graph.shapes, size));
    const computed = ({ graph: { nodes, initializers } }: Model): readonly Node[] =>
      nodes.filter(
        (node) =>
          isBlocked(node, 'Conv') &&
          !initializers.has(node.inputs[1] ?? '') &&
          attribute(node, 'group', 'int') !== 1, // those of the maps
      );
    assert.equal(computed(model).length, 6, 'two for each of three blocks');
    const biased = computed(model).filter(({ inputs }) => inputs.length > 2);
    assert.equal(biased.length, 3, 'the gradients of the pooled channels are biases');
    assert.ok(roundTrips(unfinished.model).length >= 6, 'which keepBlocked is there for');
    const plain = (opType: string): number =>
      model.graph.nodes.filter((node) => node.domain === '' && node.opType === opType).length;
    assert.deepEqual([plain('Conv'), plain('ConvTranspose'), plain('Expand')], [0, 0, 1]);
  });
});

/** x g, and (x g) + v of every position. */
function gated(batch: number, channels: number): Model {
  const builder = new GraphBuilder('gated');
  const shape = [batch, channels, 5, 3];
  const x = builder.input('x', 'float32', shape);
  const gate = builder.input('gate', 'float32', [batch, channels, 1, 1]);
  const value = builder.input('value', 'float32', [batch, channels, 1, 1]);
  const spread = builder.node('Expand', [value, builder.node('Shape', [x])]);
  builder.output(builder.node('Mul', [x, gate], {}, 'scaled'), 'float32', shape);
  builder.output(
    builder.node('Add', [spread, builder.node('Mul', [gate, x])], {}, 'shifted'),
    'float32',
    shape,
  );
  return builder.model();
}

describe('a gate', () => {
  const feedsOf = (batch: number, channels: number): Record<string, Tensor> => ({
    x: randomImage([batch, channels, 5, 3], 'x'),
    gate: randomImage([batch, channels, 1, 1], 'gate'),
    value: randomImage([batch, channels, 1, 1], 'value'),
  });
  const convolutions = (model: Model): number =>
    model.graph.nodes.filter((node) => isBlocked(node, 'Conv')).length;

  for (const channels of [4, 20, 24, 32, 48]) {
    test(`of ${channels} channels, whole blocks or not`, async (t) => {
      if (block === null) {
        t.skip(NONE);
        return;
      }
      const size = block;
      const model = gated(1, channels);
      const passed = applyPasses(model, [blockedGates(size)]);
      assert.equal(convolutions(passed), 2);
      const feeds = feedsOf(1, channels);
      assertSame(await runOnce(passed, feeds, 'disabled'), await runOnce(model, feeds, 'disabled'), 1e-7);
    });
  }

  test('of several images, or of channels that the runtime cannot put into blocks, stays a product', () => {
    for (const [batch, channels] of [
      [2, 16],
      [1, 18],
    ] as const)
      assert.equal(convolutions(applyPasses(gated(batch, channels), [blockedGates(16)])), 0);
  });
});

test('a blocked tensor meets a plain one: nothing is moved that has no blocked form', () => {
  const builder = new GraphBuilder('mixed');
  const shape = [1, 16, 4, 4];
  const a = builder.input('a', 'float32', shape);
  const b = builder.input('b', 'float32', shape);
  const blocked = builder.node('ReorderInput', [a], {}, 'a/blocked', BLOCKED_DOMAIN);
  const plain = builder.node('ReorderOutput', [blocked], { channels: 16 }, 'a/plain', BLOCKED_DOMAIN);
  builder.output(builder.node('Mul', [plain, b], {}, 'mixed'), 'float32', shape);
  builder.output(builder.node('Mul', [plain, plain], {}, 'square'), 'float32', shape);
  const dims = new Map(['a', 'b', 'a/plain', 'mixed', 'square'].map((name) => [name, { dims: shape }]));
  const { nodes } = keepBlocked(builder.model(), dims, 16).graph;
  const inputsOf = (output: string): readonly string[] | undefined =>
    nodes.find(({ outputs }) => outputs.includes(output))?.inputs;
  assert.deepEqual(inputsOf('mixed'), ['a/plain', 'b']);
  assert.deepEqual(inputsOf('square/blocked'), ['a/blocked', 'a/blocked']);
  assert.deepEqual(inputsOf('square'), ['square/blocked']);
});

test('pooled channels in whole blocks are the same in both layouts, unless they are requested by name', () => {
  const builder = new GraphBuilder('pooled');
  const dims = new Map<string, { readonly dims: readonly number[] }>();
  for (const channels of [32, 24]) {
    const shape = [1, channels, 1, 1];
    const name = `x${channels}`;
    const x = builder.input(name, 'float32', shape);
    const blocked = builder.node('ReorderInput', [x], {}, `${name}/blocked`, BLOCKED_DOMAIN);
    const half = builder.node('ReorderOutput', [blocked], { channels }, `${name}/plain`, BLOCKED_DOMAIN);
    builder.output(builder.node('Exp', [half], {}, `${name}/exp`), 'float32', shape);
    const given = builder.node('ReorderOutput', [blocked], { channels }, `${name}/given`, BLOCKED_DOMAIN);
    builder.output(given, 'float32', shape);
    for (const tensor of [x, half, given]) dims.set(tensor, { dims: shape });
  }
  const { nodes } = keepBlocked(builder.model(), dims, 16).graph;
  assert.deepEqual(
    nodes.map(({ opType, inputs, outputs }) => [opType, ...inputs, ...outputs]),
    [
      ['Exp', 'x32', 'x32/exp'],
      ['ReorderOutput', 'x32', 'x32/given'],
      ['ReorderInput', 'x24', 'x24/blocked'],
      ['ReorderOutput', 'x24/blocked', 'x24/plain'],
      ['Exp', 'x24/plain', 'x24/exp'],
      ['ReorderOutput', 'x24/blocked', 'x24/given'],
    ],
  );
});

test('what is pooled or joined in whole blocks is so in blocks, and pooled channels need no change of layout', () => {
  const builder = new GraphBuilder('joined');
  const dims = new Map<string, { readonly dims: readonly number[] }>();
  const [whole, part] = [32, 20].map((channels) => {
    const shape = [1, channels, 4, 4];
    const x = builder.input(`x${channels}`, 'float32', shape);
    const blocked = builder.node('ReorderInput', [x], {}, `${x}/blocked`, BLOCKED_DOMAIN);
    const plain = builder.node('ReorderOutput', [blocked], { channels }, `${x}/plain`, BLOCKED_DOMAIN);
    dims.set(plain, { dims: shape });
    return plain;
  });
  const add = (opType: string, inputs: readonly string[], axis: number | null, shape: readonly number[]) => {
    const name = `${opType}${axis ?? ''} of ${inputs.length}`;
    builder.output(builder.node(opType, inputs, axis === null ? {} : { axis }, name), 'float32', shape);
    dims.set(name, { dims: shape });
  };
  add('GlobalAveragePool', [whole ?? ''], null, [1, 32, 1, 1]);
  add('Concat', [whole ?? '', whole ?? ''], 1, [1, 64, 4, 4]);
  add('Concat', [whole ?? '', whole ?? '', whole ?? ''], 2, [1, 32, 12, 4]);
  add('Concat', [whole ?? '', whole ?? '', whole ?? '', part ?? ''], 1, [1, 116, 4, 4]);
  const { nodes } = keepBlocked(builder.model(), dims, 16).graph;
  const [of2, of3, of4] = [2, 3, 4].map((count) => `${count}`);
  assert.deepEqual(
    nodes.slice(4).map(({ opType, inputs, outputs }) => [opType, [...new Set(inputs)], ...outputs]),
    [
      ['GlobalAveragePool', ['x32/blocked'], 'GlobalAveragePool of 1'],
      ['Concat', ['x32/blocked'], `Concat1 of ${of2}/blocked`],
      ['ReorderOutput', [`Concat1 of ${of2}/blocked`], `Concat1 of ${of2}`],
      ['Concat', ['x32/plain'], `Concat2 of ${of3}`],
      ['Concat', ['x32/plain', 'x20/plain'], `Concat1 of ${of4}`],
    ],
  );
});

/** Convolutions of a and b in blocks, as the runtime leaves them in front of an Add in plain order. */
function sumOfConvolutions(readTwice: boolean): Model {
  const builder = new GraphBuilder('sum');
  const shape = [1, 32, 5, 3];
  const parts = ['a', 'b'].map((name) => {
    const x = builder.input(name, 'float32', shape);
    const weights = builder.initializer(
      `${name}/w`,
      float32Tensor([32, 1, 1, 1], new Float32Array(32).fill(3)),
    );
    const blocked = builder.node('ReorderInput', [x], {}, `${name}/in`, BLOCKED_DOMAIN);
    const attributes = { group: 32, kernel_shape: [1, 1] };
    const conv = builder.node('Conv', [blocked, weights], attributes, `${name}/conv`, BLOCKED_DOMAIN);
    return builder.node('ReorderOutput', [conv], { channels: 32 }, `${name}/out`, BLOCKED_DOMAIN);
  });
  builder.output(builder.node('Add', parts, {}, 'sum'), 'float32', shape);
  if (readTwice) for (const part of parts) builder.output(builder.node('Exp', [part]), 'float32', shape);
  const model = builder.model();
  return { ...model, opsets: new Map([...model.opsets, [BLOCKED_DOMAIN, 1]]) };
}

for (const readTwice of [false, true]) {
  test(`a sum of two convolutions ${readTwice ? 'that others read stays a sum' : 'is computed by one of them'}`, async (t) => {
    if (block === null) {
      t.skip(NONE);
      return;
    }
    const model = sumOfConvolutions(readTwice);
    const dims = new Map(['a/out', 'b/out', 'sum'].map((name) => [name, { dims: [1, 32, 5, 3] }]));
    const finished = keepBlocked(model, dims, block);
    assert.equal(
      finished.graph.nodes.some(({ opType }) => opType === 'Add'),
      readTwice,
    );
    const feeds = { a: randomImage([1, 32, 5, 3], 'a'), b: randomImage([1, 32, 5, 3], 'b') };
    assertSame(await runOnce(finished, feeds, 'disabled'), await runOnce(model, feeds, 'disabled'), 1e-7);
  });
}
