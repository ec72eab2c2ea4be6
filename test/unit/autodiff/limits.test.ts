/** Rules make constants of a row or a column, never of a whole map; tables that would be larger are refused by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { GraphBuilder, float32Tensor, type AttributeInput } from '../../../server/src/onnx/builder';

/** Bytes of the constants that differentiating one node on a (1, 1, side, side) input makes. */
function constantBytes(
  opType: string,
  attributes: Readonly<Record<string, AttributeInput>>,
  side: number,
  more: readonly string[] = [],
): number {
  const builder = new GraphBuilder('one node');
  builder.input('x', 'float32', [1, 1, side, side]);
  if (opType === 'Resize') builder.initializer('scales', float32Tensor([4], [1, 1, 0.5, 0.5]));
  builder.node(opType, ['x', ...more], attributes, 'y');
  builder.input('seed', 'float32', null);
  const model = builder.model();
  const forward = { ...model, graph: { ...model.graph, inputs: model.graph.inputs.slice(0, 1) } };
  appendGradients({
    builder,
    nodes: [...forward.graph.nodes],
    facts: factsOfModel(forward, {}),
    seeds: new Map([['y', 'seed']]),
    wrt: ['x'],
  });
  const { initializers } = builder.graph();
  return [...initializers.values()].reduce((sum, { data }) => sum + (data as Uint8Array).byteLength, 0);
}

const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };

test('pooling a map of 8192 x 8192 makes constants of some rows', () => {
  for (const opType of ['GlobalMaxPool', 'GlobalAveragePool'])
    assert.ok(constantBytes(opType, {}, 8192) < 1000, opType);
  for (const opType of ['MaxPool', 'AveragePool']) {
    const bytes = constantBytes(opType, window, 8192);
    assert.ok(bytes < 2 ** 19, `${opType}: ${bytes}`);
  }
});

test('what takes a table is refused by name where it would be large', () => {
  const refused = (message: RegExp, make: () => unknown): void => {
    assert.throws(make, { name: 'LensError', kind: 'model', message });
  };
  refused(
    /"[A-Za-z]*:y" \(MaxPool\).* windows of 65x65 would take 17850625 numbers, more than the 16777216/,
    () => constantBytes('MaxPool', { kernel_shape: [65, 65] }, 128),
  );
  refused(/"[A-Za-z]*:y" \(AveragePool\).*axis 2 would take 1\d{8} numbers/, () =>
    constantBytes('AveragePool', { kernel_shape: [10_000, 1] }, 20_000),
  );
  refused(/"[A-Za-z]*:y" \(Resize\).* interpolation from 8192 to 4096/, () =>
    constantBytes('Resize', { mode: 'linear' }, 8192, ['', 'scales']),
  );
});
