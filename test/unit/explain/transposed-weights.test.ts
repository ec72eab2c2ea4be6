/** Products with transposed weights: the same numbers, bit for bit, and the weights are kept once. */
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { transposedWeights } from '../../../server/src/explain/blocked/transposed-weights';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { DataType, Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { saveOptimized } from '../../../server/src/runtime/optimized';
import { relativeL2 } from '../../support/golden';
import { applyPasses } from '../../support/apply-passes';
import { temporaryFolder } from '../../support/temp';
import { floats, randomImage, runOnce } from './mini-network';

const folder = temporaryFolder('transposed-weights');
const weights = randomImage([40, 30], 'weights').data as Float32Array;

/** x W^T for rows of 30 numbers. */
function linear(batch: readonly number[], perm?: readonly number[]): Model {
  const builder = new GraphBuilder('linear');
  const x = builder.input('x', 'float32', [...batch, 30]);
  const w = builder.initializer('w', float32Tensor([40, 30], weights));
  const transposed = builder.node('Transpose', [w], perm === undefined ? {} : { perm });
  builder.output(builder.node('MatMul', [x, transposed], {}, 'y'), 'float32', [...batch, 40]);
  return builder.model();
}

const fused = ({ graph }: Model): number =>
  graph.nodes.filter(({ domain, opType }) => domain === 'com.microsoft' && opType === 'FusedMatMul').length;

for (const batch of [[1], [7], [2, 5], [1, 3, 4]])
  for (const perm of [[1, 0], undefined])
    test(`of ${JSON.stringify(batch)} rows, axes ${perm === undefined ? 'reversed' : 'spelled out'}`, async () => {
      const model = linear(batch, perm);
      const passed = applyPasses(model, [transposedWeights]);
      assert.equal(fused(passed), 1);
      const feeds = { x: randomImage([...batch, 30], 'x') };
      for (const level of ['disabled', 'all'] as const) {
        const [found, expected] = [await runOnce(passed, feeds, level), await runOnce(model, feeds, level)];
        if (batch.join() !== '1') assert.deepEqual(found, expected);
        else assert.ok(relativeL2(floats(found['y']), floats(expected['y'])) < 1e-6); // summed in another order
      }
    });

test('are kept once', async () => {
  const bytes = async (name: string, model: Model): Promise<number> => {
    const place = join(folder, name);
    mkdirSync(place);
    const built = join(place, 'built.onnx');
    await writeModel(model, built);
    await saveOptimized(built, place, { provider: 'cpu', threads: 1 });
    return statSync(join(place, 'optimized.onnx.data')).size;
  };
  const both = (model: Model): Model => {
    const builder = new GraphBuilder('both');
    const y = builder.input('forward', 'float32', [1, 40]);
    builder.output(builder.node('MatMul', [y, 'w'], {}, 'z'), 'float32', [1, 30]);
    const { graph } = builder.model();
    const joined = { ...model.graph, nodes: [...model.graph.nodes, ...graph.nodes] };
    return {
      ...model,
      graph: {
        ...joined,
        inputs: [...joined.inputs, ...graph.inputs],
        outputs: [...joined.outputs, ...graph.outputs],
      },
    };
  };
  const model = both(linear([1]));
  assert.ok((await bytes('stored', model)) >= 2 * weights.byteLength);
  const once = await bytes('passed', applyPasses(model, [transposedWeights]));
  assert.ok(once < 2 * weights.byteLength, `${once} bytes`);
});

interface Other {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly constant: boolean;
}

const OTHERS: readonly Other[] = [
  { type: 'float32', dims: [4, 3], constant: false },
  { type: 'float32', dims: [2, 4, 3], constant: true },
  { type: 'float64', dims: [4, 3], constant: true },
];

for (const { type, dims, constant } of OTHERS)
  test(`a ${constant ? 'constant' : 'computed'} ${type} of ${dims.join('x')} stays as it is`, () => {
    const builder = new GraphBuilder('other');
    const x = builder.input('x', type, [1, 3]);
    const size = dims.reduce((a, b) => a * b) * (type === 'float64' ? 8 : 4);
    const w = constant
      ? builder.initializer('w', { type, dims, data: new Uint8Array(size) })
      : builder.input('w', type, dims);
    const perm = [...dims.keys()].slice(0, -2).concat(dims.length - 1, dims.length - 2);
    const transposed = builder.node('Transpose', [w], { perm });
    builder.output(builder.node('MatMul', [x, transposed], {}, 'y'), type, [1, 4]);
    assert.equal(fused(applyPasses(builder.model(), [transposedWeights])), 0);
  });
