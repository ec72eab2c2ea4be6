/** Simplified graphs compute the same with less; the pieces of simplification one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphBuilder, float32Tensor, int64Tensor } from '../../../server/src/onnx/builder';
import { foldConstants } from '../../../server/src/onnx/fold';
import { indexGraph, topologicalSort } from '../../../server/src/onnx/graph-index';
import { removeIdentities } from '../../../server/src/onnx/identities';
import type { Graph, Model, Node } from '../../../server/src/onnx/model';
import { pruneTo } from '../../../server/src/onnx/prune';
import { readModel } from '../../../server/src/onnx/read';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { simplify } from '../../../server/src/onnx/simplify';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../server/src/runtime/session';
import { fixture } from './support/fixtures';
import { compareWithRuntime, feedOf } from './support/runtime-shapes';

const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.opType);

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await createSession(encodeModel(model), { provider: 'cpu', optimization: 'disabled' });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

const SHAPE_OPS = ['Shape', 'Constant', 'ConstantOfShape', 'Cast', 'Range', 'If', 'Identity', 'Dropout'];

test('exported models lose their shape arithmetic and compute the same', async (context) => {
  const dims = { x: [2, 3, 24, 20] };
  for (const name of ['torchscript-11', 'torchscript-13', 'torchscript-17', 'dynamo-18']) {
    await context.test(name, async () => {
      const model = await readModel(fixture(`${name}.onnx`));
      await compareWithRuntime(model, dims);
      const simple = simplify(model, dims).model;
      assert.ok(
        simple.graph.nodes.length <= 33,
        `${ops(simple.graph).length} of ${model.graph.nodes.length} nodes left`,
      );
      assert.deepEqual(
        ops(simple.graph).filter((op) => SHAPE_OPS.includes(op)),
        [],
      );
      const feeds = { x: feedOf('float32', dims.x) };
      assert.deepEqual(await run(simple, feeds), await run(model, feeds));
      await compareWithRuntime(simple);
    });
  }
});

test('a branch whose condition is known replaces its If', async () => {
  const model = await readModel(fixture('attributes.onnx'));
  const { tensors } = await compareWithRuntime(model, { x: [4] });
  assert.ok(tensors >= 9);
  const simple = simplify(model, { x: [4] }).model;
  assert.deepEqual(ops(simple.graph).slice(0, 3), ['Add', 'LeakyRelu', 'Unsqueeze']);
  const feeds = { x: feedOf('float32', [4]) };
  assert.deepEqual(await run(simple, feeds), await run(model, feeds));
});

/** x -> If(known) with a branch in the branch; inner names repeat those of the graph. */
test('branches in branches are inlined under names of their own', async () => {
  const node = (
    opType: string,
    inputs: string[],
    outputs: string[],
    attributes: Node['attributes'] = new Map(),
  ): Node => ({
    ...{ opType, domain: '', name: '', inputs, outputs, attributes },
  });
  const graphOf = (nodes: Node[], output: string): Graph => ({
    name: 'branch',
    nodes,
    inputs: [],
    outputs: [{ name: output, type: 'float32', dims: null }],
    initializers: new Map(),
  });
  const branches = (yes: Graph, no: Graph): Node['attributes'] =>
    new Map([
      ['then_branch', { kind: 'graph', value: yes }],
      ['else_branch', { kind: 'graph', value: no }],
    ]);
  const square = graphOf([node('Mul', ['x', 'x'], ['t'])], 't');
  const outer = graphOf(
    [
      node('Size', ['x'], ['size']),
      node('Equal', ['size', 'three'], ['is3']),
      node('If', ['is3'], ['u'], branches(square, graphOf([node('Neg', ['x'], ['t'])], 't'))),
    ],
    'u',
  );
  const g = new GraphBuilder('g');
  g.input('x', 'float32', [3]);
  g.initializer('three', int64Tensor([3], []));
  g.initializer('yes', { type: 'bool', dims: [], data: Uint8Array.of(1) });
  g.append(node('If', ['yes'], ['a'], branches(outer, square)));
  g.append(node('If', ['yes'], ['b'], branches(square, outer)));
  g.append(node('Sub', ['a', 'b'], ['y']));
  g.output('y', 'float32', [3]);
  const model = g.model();
  const simple = simplify(model).model;
  assert.deepEqual(ops(simple.graph), ['Mul', 'Mul', 'Sub']);
  const feeds = { x: feedOf('float32', [3]) };
  assert.deepEqual(await run(simple, feeds), await run(model, feeds));
});

/** x -> Relu r -> Identity i -> Dropout d -> Neg y, and Exp e in vain. */
function chain(): GraphBuilder {
  const g = new GraphBuilder('chain');
  const x = g.input('x', 'float32', [2]);
  const r = g.node('Relu', [x], {}, 'r');
  const i = g.node('Identity', [r], {}, 'i');
  g.nodeWithOutputs('Dropout', [i, g.initializer('ratio', float32Tensor([], [0.5]))], {}, ['d', 'mask']);
  g.node('Exp', [g.initializer('unused', float32Tensor([2], [1, 2]))], {}, 'e');
  g.output(g.node('Neg', ['d'], {}, 'y'), 'float32', [2]);
  return g;
}

test('identities and dropouts go, except where their name matters', () => {
  const graph = chain().graph();
  assert.deepEqual(ops(removeIdentities(graph)), ['Relu', 'Exp', 'Neg']);
  assert.deepEqual(removeIdentities(graph).nodes.at(-1)?.inputs, ['r']);
  assert.deepEqual(ops(removeIdentities(graph, new Set(['i']))), ['Relu', 'Identity', 'Exp', 'Neg']);
  assert.deepEqual(ops(removeIdentities(graph, new Set(['mask']))), ['Relu', 'Dropout', 'Exp', 'Neg']);
  const output = {
    ...graph,
    outputs: [...graph.outputs, { name: 'd', type: 'float32' as const, dims: [2] }],
  };
  assert.deepEqual(ops(removeIdentities(output)), ['Relu', 'Dropout', 'Exp', 'Neg']);
});

test('a Dropout that may train stays', () => {
  for (const [training, stays] of [
    [0, false],
    [1, true],
  ] as const) {
    const g = new GraphBuilder('g');
    const x = g.input('x', 'float32', [2]);
    const flag = g.initializer('training', { type: 'bool', dims: [], data: Uint8Array.of(training) });
    const d = g.node('Dropout', [x, '', flag]);
    g.output(g.node('Neg', [d]), 'float32', [2]);
    assert.equal(ops(removeIdentities(g.graph())).includes('Dropout'), stays);
  }
});

test('pruning keeps what the outputs depend on, and the inputs', () => {
  const graph = chain().graph();
  const whole = pruneTo(graph, ['y']);
  assert.deepEqual(ops(whole), ['Relu', 'Identity', 'Dropout', 'Neg']);
  assert.deepEqual([...whole.initializers.keys()], ['ratio']);
  const inner = pruneTo(graph, ['i']);
  assert.deepEqual([ops(inner), inner.outputs, inner.inputs.length], [['Relu', 'Identity'], [], 1]);
  assert.deepEqual(ops(pruneTo(graph, [])), []);
});

test('folding leaves graph outputs and what is not exact', () => {
  const g = new GraphBuilder('g');
  const x = g.input('x', 'float32', [2, 3]);
  const shape = g.node('Shape', [x], {}, 'shape');
  const first = g.node(
    'Slice',
    [shape, g.constant('c', int64Tensor([0])), g.constant('c', int64Tensor([1]))],
    {},
    'first',
  );
  g.output(g.node('Mul', [first, first], {}, 'y'), 'int64', [1]);
  g.node('Identity', [g.constant('end', int64Tensor([2 ** 53 + 2]))], {}, 'big');
  const model = g.model();
  const folded = foldConstants(model.graph, inferShapes(model));
  assert.deepEqual(ops(folded), ['Mul', 'Identity']);
  assert.deepEqual(folded.initializers.get('first'), int64Tensor([2]));
});

test('producers and consumers, also inside branches', async () => {
  const { graph } = await readModel(fixture('attributes.onnx'));
  const index = indexGraph(graph);
  assert.deepEqual(
    index.consumersOf('x').map((node) => node.opType),
    ['If'],
    'read in both branches only',
  );
  assert.equal(index.producerOf('p')?.opType, 'Transpose');
  assert.equal(index.producerOf('x'), undefined);
  assert.deepEqual(index.consumersOf('y'), []);
});

test('sorting is stable, and a cycle has no order', () => {
  const { nodes } = chain().graph();
  assert.deepEqual(topologicalSort(nodes), nodes);
  assert.deepEqual(
    topologicalSort(nodes.toReversed())?.map((node) => node.opType),
    ['Relu', 'Identity', 'Dropout', 'Neg', 'Exp'],
  );
  const long: Node[] = Array.from({ length: 100_000 }, (_, i) => ({
    ...{
      opType: 'Relu',
      domain: '',
      name: '',
      inputs: [`t${i}`],
      outputs: [`t${i + 1}`],
      attributes: new Map(),
    },
  }));
  assert.deepEqual(topologicalSort(long.toReversed())?.[0], long[0]);
  const [first, second] = [long[0]!, { ...long[1]!, outputs: ['t0'] }];
  assert.equal(topologicalSort([first, second]), null);
});
