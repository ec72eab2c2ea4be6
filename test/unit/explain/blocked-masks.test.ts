/** Comparisons and what they choose stay in blocks, whole or not, with the same numbers. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { keepBlocked } from '../../../server/src/explain/blocked';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { BLOCKED_DOMAIN, channelBlock } from '../../../server/src/runtime/blocked-layout';
import { randomImage, runOnce } from './mini-network';

let block: number | null = null;
before(async () => {
  block = await channelBlock();
});

interface Masked {
  readonly model: Model;
  readonly dims: ReadonlyMap<string, { readonly dims: readonly number[] }>;
}

/** What the runtime leaves of a pass through a mask: two convolutions in blocks, put into plain order, and what `between` makes of them. */
function masked(channels: number, between: (builder: GraphBuilder, x: string, dy: string) => string): Masked {
  const builder = new GraphBuilder('masked');
  const shape = [1, channels, 5, 3];
  const convolved = (name: string, scale: number): string => {
    const x = builder.input(name, 'float32', shape);
    const whole = Math.ceil(channels / (block ?? 1)) * (block ?? 1);
    const filled = float32Tensor([whole, 1, 1, 1], new Float32Array(whole).fill(scale));
    const inBlocks = builder.node('ReorderInput', [x], {}, `${name}/in`, BLOCKED_DOMAIN);
    const attributes = { group: whole, kernel_shape: [1, 1] };
    const weights = builder.initializer(`${name}/w`, filled);
    const conv = builder.node('Conv', [inBlocks, weights], attributes, `${name}/conv`, BLOCKED_DOMAIN);
    return builder.node('ReorderOutput', [conv], { channels }, `${name}/out`, BLOCKED_DOMAIN);
  };
  const result = between(builder, convolved('x', 2), convolved('dy', 3));
  builder.output(builder.node('Identity', [result], {}, 'dx'), 'float32', shape);
  const model = builder.model();
  const tensors = model.graph.nodes.flatMap(({ outputs }) => outputs).concat('x', 'dy');
  return {
    model: { ...model, opsets: new Map([...model.opsets, [BLOCKED_DOMAIN, 1]]) },
    dims: new Map(tensors.map((name) => [name, { dims: shape }])),
  };
}

const number = (builder: GraphBuilder, value: number): string =>
  builder.constant('number', float32Tensor([], [value]));

const MASKS: Readonly<Record<string, (builder: GraphBuilder, x: string, dy: string) => string>> = {
  'what is above a number': (b, x, dy) =>
    b.node('Where', [b.node('Greater', [x, number(b, 1)]), dy, number(b, 0)]),
  'what is clipped': (b, x, dy) => {
    const y = b.node('Clip', [x, number(b, 0.2), number(b, 1.5)]);
    return b.node('Where', [b.node('Equal', [x, y]), b.node('Add', [dy, y]), number(b, 7)]);
  },
  'what is above no least number': (b, x, dy) => b.node('Mul', [b.node('Clip', [x, '', number(b, 1.5)]), dy]),
  'two conditions': (b, x, dy) => {
    const either = b.node('Or', [b.node('Less', [x, number(b, 0.5)]), b.node('GreaterOrEqual', [x, dy])]);
    return b.node('Where', [b.node('Not', [either]), dy, x]);
  },
};

for (const [name, between] of Object.entries(MASKS))
  for (const channels of [20, 32])
    test(`${name}, of ${channels} channels`, async (t) => {
      if (block === null) {
        t.skip('the runtime has no blocked layout on this CPU');
        return;
      }
      const { model, dims } = masked(channels, between);
      const finished = keepBlocked(model, dims, block);
      const reorders = finished.graph.nodes.filter(({ opType }) => opType === 'ReorderOutput');
      assert.equal(reorders.length, 1, 'of the result alone');
      const shape = [1, channels, 5, 3];
      const feeds = { x: randomImage(shape, 'x'), dy: randomImage(shape, 'dy') };
      assert.deepEqual(await runOnce(finished, feeds, 'disabled'), await runOnce(model, feeds, 'disabled'));
    });

test('a condition that is read in plain order too is computed in both', async (t) => {
  if (block === null) {
    t.skip('the runtime has no blocked layout on this CPU');
    return;
  }
  const { model, dims } = masked(20, (b, x, dy) => {
    const above = b.node('Greater', [x, number(b, 1)]);
    const counted = b.node('Cast', [above], { to: 1 });
    return b.node('Add', [counted, b.node('Where', [above, dy, number(b, 0)])]);
  });
  const finished = keepBlocked(model, dims, block);
  assert.equal(finished.graph.nodes.filter(({ opType }) => opType === 'Greater').length, 2);
  const feeds = { x: randomImage([1, 20, 5, 3], 'x'), dy: randomImage([1, 20, 5, 3], 'dy') };
  assert.deepEqual(await runOnce(finished, feeds, 'disabled'), await runOnce(model, feeds, 'disabled'));
});
