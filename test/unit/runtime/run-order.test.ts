/** Graphs run in the order in which they are written, seen in the runtime's own profile, and are sorted in few steps. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { readsOf } from '../../../server/src/onnx/graph-index';
import type { Graph, Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { levelFor } from '../../../server/src/runtime/optimization-level';
import { optimizedModel, saveOptimized } from '../../../server/src/runtime/optimized';
import { inRunOrder, inSortingOrder, sortingSteps } from '../../../server/src/runtime/run-order';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('leaf-order');
const model = join(folder, 'model.onnx');
const saved = join(folder, 'saved');
const cpu = { provider: 'cpu', threads: 1 } as const;

/** A chain, each link of which is read by a leaf of another operator. */
const leaves = ['ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceSumSquare', 'ReduceL1'] as const;

function chain(): Model {
  const graph = new GraphBuilder('chain');
  let link = graph.input('x', 'float32', [1, 4, 8, 8]);
  for (const operator of leaves) {
    link = graph.node('Softsign', [link]);
    const leaf = graph.node(operator, [link], { keepdims: 0 }, operator);
    graph.output(leaf, 'float32', []);
  }
  return graph.model();
}

/** Operators in the order in which the runtime ran them. */
async function executed(path: string, optimization: 'all' | 'disabled'): Promise<readonly string[]> {
  const place = join(folder, `profile ${optimization}`);
  mkdirSync(place);
  const session = await createSession(path, { ...cpu, optimization, profilePrefix: join(place, 'run') });
  await session.run({ x: { type: 'float32', dims: [1, 4, 8, 8], data: new Float32Array(256).fill(0.5) } });
  await session.dispose();
  const [file = ''] = readdirSync(place);
  const events = JSON.parse(readFileSync(join(place, file), 'utf8')) as {
    name: string;
    args?: { op_name?: string };
  }[];
  return events.flatMap(({ name, args }) => (name.endsWith('_kernel_time') ? [args?.op_name ?? ''] : []));
}

before(async () => {
  await writeModel(chain(), model);
  mkdirSync(saved);
  await saveOptimized(model, saved, cpu);
});

test('a saved graph runs in the order of the graph that it was made from', async () => {
  const { modelPath, optimization } = optimizedModel(saved);
  const original = await executed(model, 'all');
  assert.equal(original.length, 2 * leaves.length);
  assert.deepEqual(await executed(modelPath, optimization), original);
});

/** Every node stands behind what it reads, none is lost, and everything else stays. */
function checkOrder(after: Model, before: Model): void {
  const known = new Set([...after.graph.inputs.map(({ name }) => name), ...after.graph.initializers.keys()]);
  for (const node of after.graph.nodes) {
    for (const input of readsOf(node)) assert.ok(known.has(input), input);
    for (const output of node.outputs) known.add(output);
  }
  assert.deepEqual(new Set(after.graph.nodes), new Set(before.graph.nodes));
  assert.deepEqual({ ...after.graph, nodes: [] }, { ...before.graph, nodes: [] });
}

const operators = ({ graph }: Model): readonly string[] => graph.nodes.map(({ opType }) => opType);

test('leaves come last, in the order of the outputs, wherever they stood', () => {
  const given = chain();
  const mixed = { ...given, graph: { ...given.graph, nodes: inSortingOrder(given).graph.nodes } };
  for (const model of [given, mixed, inRunOrder(given)]) {
    const ordered = inRunOrder(model);
    checkOrder(ordered, model);
    assert.deepEqual(operators(ordered), [...leaves.map(() => 'Softsign'), ...leaves]);
  }
});

test('for sorting, what leads nowhere far stands behind what it reads', () => {
  const ordered = inSortingOrder(chain());
  checkOrder(ordered, chain());
  const last = leaves.at(-1) ?? '';
  assert.deepEqual(operators(ordered), [
    ...leaves.slice(0, -1).flatMap((leaf) => ['Softsign', leaf]),
    'Softsign',
    last,
  ]);
});

test('what a graph within a node reads stands before it', () => {
  const given = chain();
  const [first] = given.graph.nodes;
  assert.ok(first !== undefined);
  const inner: Graph = {
    name: 'branch',
    nodes: [{ ...first, name: 'inner', inputs: [leaves[4]], outputs: ['inner'] }],
    inputs: [],
    outputs: [{ name: 'inner', type: 'float32', dims: [] }],
    initializers: new Map(),
  };
  const branch = { kind: 'graph', value: inner } as const;
  const node = {
    opType: 'If',
    domain: '',
    name: 'if',
    inputs: ['x'],
    outputs: ['y'],
    attributes: new Map([['then_branch', branch]]),
  };
  const nested: Model = { ...given, graph: { ...given.graph, nodes: [...given.graph.nodes, node] } };
  for (const ordered of [inSortingOrder(nested), inRunOrder(nested)]) {
    checkOrder(ordered, nested);
    assert.ok(operators(ordered).indexOf('If') > operators(ordered).indexOf('ReduceL1'));
  }
});

/** `length` links, and behind them as many backward: each reads its link, as the gradient of an activation does. */
function thereAndBack(length: number): Model {
  const graph = new GraphBuilder('there and back');
  const links = [graph.input('x', 'float32', [1, 4])];
  for (let i = 0; i < length; i++) links.push(graph.node('Softsign', [links[i] ?? '']));
  let back = graph.node('Neg', [links.at(-1) ?? '']);
  for (const link of links.slice(1).reverse()) back = graph.node('Mul', [back, graph.node('Abs', [link])]);
  graph.output(back, 'float32', [1, 4]);
  return graph.model();
}

test('sorting takes steps with the nodes; in the order in which they were made, with their square', () => {
  const steps = (length: number, order: (model: Model) => Model): number =>
    sortingSteps(order(thereAndBack(length)));
  for (const order of [inSortingOrder, inRunOrder]) assert.ok(steps(4000, order) < 4 * 3 * 4000, order.name);
  assert.ok(steps(4000, (model) => model) > 4000 ** 2 / 2);
});

test('the runtime is asked for less where one tensor has thousands of readers', () => {
  const fan = (readers: number): Model => {
    const graph = new GraphBuilder('fan');
    const middle = graph.node('Softsign', [graph.input('x', 'float32', [1, 4])]);
    const parts = Array.from({ length: readers }, () => graph.node('Neg', [middle]));
    graph.output(graph.node('Sum', parts), 'float32', [1, 4]);
    return inSortingOrder(graph.model());
  };
  assert.equal(levelFor(fan(100), 'all'), 'all');
  assert.equal(levelFor(fan(100), 'extended'), 'extended');
  assert.equal(levelFor(fan(2500), 'all'), 'basic');
  assert.equal(levelFor(fan(5000), 'all'), 'disabled');
  assert.equal(levelFor(inSortingOrder(thereAndBack(10_000)), 'all'), 'all');
});
