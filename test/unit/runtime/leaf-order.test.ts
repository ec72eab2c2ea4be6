/** Saved graphs run in the order of those they were made from: seen in the runtime's own profile. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { turnLeavesRound } from '../../../server/src/runtime/leaf-order';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { optimisedModel, saveOptimised } from '../../../server/src/runtime/optimised';
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
  await saveOptimised(model, saved, cpu);
});

test('a saved graph runs in the order of the graph that it was made from', async () => {
  const { modelPath, optimization } = optimisedModel(saved);
  const original = await executed(model, 'all');
  assert.equal(original.length, 2 * leaves.length);
  assert.deepEqual(await executed(modelPath, optimization), original);
});

test('nodes stay in topological order, none is lost, and everything else stays', () => {
  const { graph: before } = chain();
  const { graph: after } = turnLeavesRound(chain());
  const operators = after.nodes.map(({ opType }) => opType);
  assert.deepEqual(operators, [...leaves.map(() => 'Softsign'), ...leaves.toReversed()]);
  const known = new Set(after.inputs.map(({ name }) => name));
  for (const { inputs, outputs } of after.nodes) {
    for (const input of inputs) assert.ok(known.has(input), input);
    for (const output of outputs) known.add(output);
  }
  assert.deepEqual({ ...after, nodes: [] }, { ...before, nodes: [] });
});

test('turned round twice, leaves stand as at first', () => {
  const twice = turnLeavesRound(turnLeavesRound(chain())).graph.nodes.map(({ opType }) => opType);
  assert.deepEqual(twice.slice(-leaves.length), leaves);
});

test('a graph whose nodes hold graphs stays as it is', () => {
  const { graph, ...rest } = chain();
  const branch = { kind: 'graph', value: { ...graph, inputs: [] } } as const;
  const nodes = graph.nodes.map((node, index) =>
    index === 0 ? { ...node, attributes: new Map([['then_branch', branch]]) } : node,
  );
  const nested: Model = { ...rest, graph: { ...graph, nodes } };
  assert.equal(turnLeavesRound(nested), nested);
});
