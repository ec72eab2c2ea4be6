/** What the forward pass, or the gradient behind it, has computed already is not computed again, with the same numbers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { geluParts } from '../../../server/src/explain/blocked/gelu-parts';
import { layerStatistics } from '../../../server/src/explain/passes/layer-statistics';
import { pooledMean } from '../../../server/src/explain/passes/pooled-mean';
import type { AttributeInput } from '../../../server/src/onnx/builder';
import { float, float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { readModel } from '../../../server/src/onnx/read';
import { writeModel } from '../../../server/src/onnx/write';
import { saveOptimized } from '../../../server/src/runtime/optimized';
import { applyPasses } from '../../support/apply-passes';
import { relativeL2 } from '../../support/golden';
import { temporaryFolder } from '../../support/temp';
import { floats, randomImage, runOnce } from './mini-network';

const folder = temporaryFolder('shared-work');

interface Forward {
  readonly opType: string;
  readonly shape: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Dimensions of constant inputs. */
  readonly weights?: readonly (readonly number[])[];
  readonly opset?: number;
}

/** y = f(x) alone. */
function forward({ opType, shape, attributes = {}, weights = [], opset = 17 }: Forward): Model {
  const builder = new GraphBuilder('forward');
  const constants = weights.map((dims, i) =>
    builder.initializer(`w${i}`, float32Tensor(dims, floats(randomImage(dims, `w${i}`)))),
  );
  const y = builder.node(opType, [builder.input('x', 'float32', shape), ...constants], attributes, 'y');
  builder.output(y, 'float32', null);
  return builder.model({}, opset);
}

/** The same with dx of sum(dy y), or what `reduce` makes of it, as a second output. */
function withGradient(model: Model, shape: readonly number[], reduce = 'Identity'): Model {
  const { graph } = model;
  const dims = factsOfModel(model, { x: shape }).factsOf('y')?.dims ?? [];
  const builder = new GraphBuilder('gradient');
  builder.input('x', 'float32', shape);
  const dy = builder.input('dy', 'float32', dims);
  for (const [name, tensor] of graph.initializers) builder.initializer(name, tensor);
  for (const node of graph.nodes) builder.append(node);
  builder.output('y', 'float32', null);
  const whole = { ...model, graph: builder.graph() };
  const facts = factsOfModel(whole, { x: shape, dy: dims });
  const seeds = new Map([['y', dy]]);
  const dx = appendGradients({ builder, nodes: graph.nodes, facts, seeds, wrt: ['x'] }).get('x') ?? '';
  builder.output(builder.node(reduce, [dx], {}, 'dx'), 'float32', null);
  return { ...model, graph: builder.graph() };
}

const operators = ({ graph }: Model): readonly string[] => graph.nodes.map(({ opType }) => opType);
const times = (model: Model, operator: string): number =>
  operators(model).filter((each) => each === operator).length;

async function sameNumbers(found: Model, expected: Model, shape: readonly number[], dy: readonly number[]) {
  const feeds = { x: randomImage(shape, 'x'), dy: randomImage(dy, 'dy') };
  const [a, b] = [await runOnce(found, feeds, 'all'), await runOnce(expected, feeds, 'disabled')];
  for (const name of Object.keys(b)) {
    const distance = relativeL2(floats(a[name]), floats(b[name]));
    assert.ok(distance < 1e-6, `${name}: ${distance}`);
  }
}

describe('the mean gradient of what a MaxPool reads', () => {
  const shape = [2, 3, 13, 16];
  const pools: Readonly<Record<string, readonly [Readonly<Record<string, AttributeInput>>, number, number]>> =
    {
      'windows that overlap': [{ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 7, 8],
      'windows with gaps': [{ kernel_shape: [2, 3], strides: [3, 4], pads: [0, 1, 1, 0] }, 5, 4],
      'an image that is cut': [{ kernel_shape: [1, 1], strides: [3, 3], auto_pad: 'SAME_LOWER' }, 5, 6],
    };
  for (const [name, [attributes, height, width]] of Object.entries(pools))
    test(name, async () => {
      const model = withGradient(
        forward({ opType: 'MaxPool', shape, attributes }),
        shape,
        'GlobalAveragePool',
      );
      const passed = applyPasses(model, [pooledMean]);
      assert.deepEqual(operators(passed), ['MaxPool', 'GlobalAveragePool', 'Mul']);
      await sameNumbers(passed, model, shape, [2, 3, height, width]);
    });

  test('of another gradient it stays as it is', () => {
    const model = withGradient(forward({ opType: 'Relu', shape }), shape, 'GlobalAveragePool');
    assert.deepEqual(operators(applyPasses(model, [pooledMean])), operators(model));
  });
});

describe('the statistics of a LayerNormalization', () => {
  for (const axis of [-1, 1])
    test(`from axis ${axis}`, async () => {
      const shape = [2, 5, 24];
      const normalized = axis === -1 ? [24] : [5, 24];
      const attributes = { axis, epsilon: float(1e-6) };
      const model = forward({
        ...{ opType: 'LayerNormalization', shape, attributes },
        weights: [normalized, normalized],
      });
      const [found, expected] = [
        withGradient(applyPasses(model, [layerStatistics], 'forward'), shape),
        withGradient(model, shape),
      ];
      assert.deepEqual([times(found, 'Sqrt'), times(expected, 'Sqrt')], [0, 1]);
      await sameNumbers(found, expected, shape, shape);
    });
});

describe('the distribution of a Gelu', () => {
  const shape = [1, 6, 40];
  const gelu = (attributes = {}): Model => forward({ opType: 'Gelu', shape, attributes, opset: 20 });

  test('is computed once', async () => {
    const model = withGradient(gelu(), shape);
    const passed = applyPasses(model, [geluParts]);
    await sameNumbers(passed, model, shape, shape);
    const place = join(folder, 'once');
    mkdirSync(place);
    await writeModel(passed, join(place, 'built.onnx'));
    await saveOptimized(join(place, 'built.onnx'), place, { provider: 'cpu', threads: 1 });
    const kept = await readModel(join(place, 'optimized.onnx'));
    assert.deepEqual([times(kept, 'Erf'), times(kept, 'Gelu')], [1, 0]);
  });

  test('stays within the operator where no gradient is computed, or tanh stands for it', () => {
    const tanh = withGradient(gelu({ approximate: 'tanh' }), shape);
    for (const model of [gelu(), tanh])
      assert.deepEqual(operators(applyPasses(model, [geluParts])), operators(model));
  });
});
