/** Preparing takes time with the nodes of a network, not with their square, and as many layers as a report can show. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { GraphBuilder, float32Tensor } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { MOST } from '../../../server/src/layers/by-module';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { idleOptimizers } from '../../../server/src/runtime/idle-optimizers';
import { inSortingOrder, sortingSteps } from '../../../server/src/runtime/run-order';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('prepare');

/** A convolution, `length` links of one kind, and a linear layer. */
function chain(length: number, link: (graph: GraphBuilder, x: string) => string): Model {
  const graph = new GraphBuilder('chain');
  const weights = (dims: readonly number[]): string =>
    graph.constant('w', float32Tensor(dims, new Float32Array(dims.reduce((a, b) => a * b)).fill(0.1)));
  let x = graph.node('Conv', [graph.input('x', 'float32', [1, 3, 8, 8]), weights([2, 3, 1, 1])]);
  for (let i = 0; i < length; i++) x = link(graph, x);
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])]);
  graph.output(graph.node('Gemm', [pooled, weights([2, 4])]), 'float32', [1, 4]);
  return graph.model();
}

const links: Readonly<Record<string, (graph: GraphBuilder, x: string) => string>> = {
  Relu: (graph, x) => graph.node('Relu', [x]),
  Swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  Add: (graph, x) => graph.node('Add', [x, graph.node('Relu', [x])]),
  MaxPool: (graph, x) => graph.node('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
};

/** Seconds of this process for the graph as the runtime gets it, and the steps in which the runtime sorts it. */
async function assembled(
  name: string,
  length: number,
): Promise<{ seconds: number; steps: number; nodes: number }> {
  const path = join(folder, `${name}-${length}.onnx`);
  await writeModel(chain(length, links[name]!), path);
  const before = process.cpuUsage();
  const { model, input, logits, layers } = await openOnnxClassifier(path, { inputSize: null });
  const graph = assembleExplainGraph({
    model,
    inputShape: input.shape,
    logits,
    layers,
    methods: ['gradcam'],
  });
  const sorted = inSortingOrder(graph.model);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, steps: sortingSteps(sorted), nodes: sorted.graph.nodes.length };
}

for (const name of Object.keys(links))
  test(`a chain of ${name} takes time and sorting with its length`, async () => {
    await assembled(name, 100); // compiles what the next ones run
    const [short, long] = [await assembled(name, 300), await assembled(name, 1200)];
    const larger = long.nodes / short.nodes;
    // Four times the square's root of what quadratic time would give.
    assert.ok(long.seconds < short.seconds * larger * 3 + 0.5, `${short.seconds} s, ${long.seconds} s`);
    assert.ok(long.steps < 10 * long.nodes, `${long.steps} steps for ${long.nodes} nodes`);
  });

test('of thousands of layers as many as can be taken in, with the first and the last; all can be requested', async () => {
  const path = join(folder, 'many.onnx');
  await writeModel(chain(1000, links['Add']!), path);
  const { layers, allLayers = [] } = await openOnnxClassifier(path, { inputSize: null });
  assert.equal(layers.length, MOST);
  assert.equal(new Set(layers.map(({ name }) => name)).size, MOST);
  assert.equal(allLayers.length, 1003);
  assert.deepEqual(
    [layers.at(-1)?.shape, allLayers.at(-1)?.shape],
    [
      [1, 2, 8, 8],
      [1, 4],
    ],
  );
});

test('optimizers are idle only where the graph has nothing for them, in nested graphs neither', () => {
  const plain = chain(1, links['Relu']!).graph;
  const swish = chain(1, links['Swish']!).graph;
  assert.ok(idleOptimizers(plain).includes('QuickGeluFusion'));
  assert.ok(!idleOptimizers(swish).includes('QuickGeluFusion'));
  const branch = { kind: 'graph', value: swish } as const;
  const [first] = plain.nodes;
  assert.ok(first !== undefined);
  const nested = { ...plain, nodes: [{ ...first, attributes: new Map([['then_branch', branch]]) }] };
  assert.ok(!idleOptimizers(nested).includes('QuickGeluFusion'));
});
