/** Activations computed again in the backward pass: the same results bit for bit, and nothing kept that need not be. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { recomputeActivations } from '../../../server/src/explain/recompute';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model, Node } from '../../../server/src/onnx/model';
import { readModel } from '../../../server/src/onnx/read';
import { writeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { optimizedModel, saveOptimized } from '../../../server/src/runtime/optimized';
import type { Tensor } from '../../../server/src/runtime/session';
import { temporaryFolder } from '../../support/temp';
import { miniNetwork, randomImage, target } from './mini-network';

const cpu = { provider: 'cpu', threads: 1 } as const;
const folder = temporaryFolder('recompute');
const shape = [1, 3, 22, 27];
const request = { ...miniNetwork('squeeze-excite', shape), methods: ['gradcam'] as const };

/** As the cache keeps it, and what it computes. */
async function kept(
  name: string,
  model: Model,
  finish: (optimized: Model) => Model,
): Promise<{ model: Model; results: Record<string, Tensor> }> {
  const place = join(folder, name);
  mkdirSync(place);
  const built = join(place, 'built.onnx');
  await writeModel(model, built);
  await saveOptimized(built, place, cpu, finish);
  const { modelPath, optimization } = optimizedModel(place);
  const session = await createSession(modelPath, { ...cpu, optimization });
  const results = await session.run({ image: randomImage(shape), target: target(1) });
  await session.dispose();
  return { model: await readModel(modelPath), results };
}

const swishes = ({ graph }: Model): readonly Node[] =>
  graph.nodes.filter(({ opType }) => opType === 'QuickGelu');

const readers = ({ graph }: Model, tensor: string | undefined): readonly Node[] =>
  graph.nodes.filter(({ inputs }) => inputs.some((name) => name === tensor));

test('a Swish that a gate scales is computed again for the backward pass, with the same results', async () => {
  const { model, outputs } = assembleExplainGraph(request);
  const plain = await kept('plain', model, (optimized) => optimized);
  const finished = await kept('finished', model, (optimized) =>
    recomputeActivations(optimized, outputs.logits),
  );
  assert.deepEqual(finished.results, plain.results);
  const twice = swishes(finished.model).filter(({ name }) => name.endsWith('/again'));
  assert.ok(
    twice.length > 0,
    `none of ${swishes(plain.model).length}: the gradient of a gate reads what it scales`,
  );
  for (const { inputs, outputs: made } of twice) {
    const first = swishes(finished.model).find(
      (n) => n.inputs[0] === inputs[0] && !n.name.endsWith('/again'),
    );
    const before = readers(plain.model, first?.outputs[0]).length;
    const now = readers(finished.model, first?.outputs[0]).length;
    assert.ok(now > 0, 'the forward pass reads the first');
    assert.equal(now + readers(finished.model, made[0]).length, before);
  }
});

test('where the backward pass reads only the result, that is kept', () => {
  const builder = new GraphBuilder('only');
  const x = builder.input('x', 'float32', [1, 4]);
  const moved = builder.node('Neg', [x]);
  const y = builder.node('QuickGelu', [moved], { alpha: { kind: 'float', value: 1 } }, 'y', 'com.microsoft');
  builder.output(builder.node('Identity', [y], {}, 'logits'), 'float32', [1, 4]);
  builder.output(builder.node('Abs', [y], {}, 'late'), 'float32', [1, 4]);
  const model = builder.model();
  assert.deepEqual(recomputeActivations(model, 'logits'), model);
  builder.output(builder.node('Abs', [moved], {}, 'also'), 'float32', [1, 4]);
  const both = recomputeActivations(builder.model(), 'logits').graph.nodes;
  assert.deepEqual(
    both.filter(({ opType }) => opType === 'QuickGelu').map(({ outputs }) => outputs[0]),
    ['y', 'y/again'],
  );
  assert.deepEqual(both.find(({ outputs }) => outputs[0] === 'late')?.inputs, ['y/again']);
  assert.deepEqual(both.find(({ outputs }) => outputs[0] === 'logits')?.inputs, ['y']);
});
