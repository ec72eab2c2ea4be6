/** The estimate of memory: what lives at the same time, counted on sizes alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateMemory } from '../../../server/src/explain/memory';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import { inferShapes } from '../../../server/src/onnx/shapes';

/** Of one MB-sized tensor x of float32; the graph is what `build` adds. */
function estimate(build: (builder: GraphBuilder, x: string) => readonly string[]): number {
  const builder = new GraphBuilder('memory');
  const x = builder.input('x', 'float32', [1, 1, 500, 500]);
  for (const output of build(builder, x)) builder.output(output, 'float32', null);
  const model = builder.model();
  return estimateMemory(model.graph, inferShapes(model)).bytes / 1e6;
}

const close = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 0.01, `${found} MB, expected ${expected}`);

test('a chain keeps two tensors: the one that is read and the one that is made', () => {
  close(
    estimate((b, x) => [
      b.node(
        'AveragePool',
        [
          b.node('AveragePool', [b.node('AveragePool', [x], { kernel_shape: [1, 1] })], {
            kernel_shape: [1, 1],
          }),
        ],
        { kernel_shape: [1, 1] },
      ),
    ]),
    2,
  );
});

test('what is element by element overwrites its input, but not one that is read again', () => {
  close(
    estimate((b, x) => [b.node('Relu', [b.node('Relu', [x])])]),
    1,
  );
  close(
    estimate((b, x) => [b.node('Add', [b.node('Relu', [x]), x])]),
    2,
  );
});

test('another shape of the same elements takes nothing, and keeps them alive', () => {
  close(
    estimate((b, x) => {
      const flat = b.node('Flatten', [x]);
      return [b.node('Softmax', [flat]), b.node('Tanh', [x])];
    }),
    3, // x for both, the two outputs
  );
});

test('weights stay, and so does what follows from weights alone', () => {
  close(
    estimate((b, x) => {
      const w = b.initializer('w', float32Tensor([1, 1, 500, 500], new Float32Array(250_000)));
      const moved = b.node('Transpose', [w], { perm: [0, 1, 3, 2] });
      return [b.node('Relu', [b.node('Add', [x, moved])])];
    }),
    3, // x, w, and w transposed
  );
});

test('what is made from nothing counts before it is reduced', () => {
  close(
    estimate((b, x) => {
      const shape = b.initializer('shape', int64Tensor([1000, 1000]));
      const large = b.node('ConstantOfShape', [shape]);
      return [b.node('Add', [x, b.node('ReduceMax', [large], { keepdims: 0 })])];
    }),
    5,
  );
});

test('a transposed convolution needs its columns beside input and output', () => {
  close(
    estimate((b, x) => {
      const w = b.initializer('w', float32Tensor([1, 1, 3, 3], new Float32Array(9)));
      return [b.node('ConvTranspose', [x, w], { pads: [1, 1, 1, 1] })];
    }),
    1 + 1 + 9,
  );
});

test('the largest tensor is named', () => {
  const builder = new GraphBuilder('largest');
  builder.input('x', 'float32', [1, 1, 8, 8]);
  builder.initializer('scales', float32Tensor([4], [1, 1, 100, 100]));
  builder.node('Resize', ['x', '', 'scales'], { mode: 'nearest' }, 'wide');
  builder.node('GlobalAveragePool', ['wide'], {}, 'y');
  builder.output('y', 'float32', null);
  const model = builder.model();
  const { largest } = estimateMemory(model.graph, inferShapes(model));
  assert.deepEqual(largest, { name: 'wide', dims: [1, 1, 800, 800], bytes: 4 * 800 * 800 });
});

test('a hundred thousand nodes are no matter', () => {
  const bytes = estimate((b, x) => {
    let last = x;
    for (let i = 0; i < 100_000; i++) last = b.node('Relu', [last], {}, `y${i}`);
    return [last];
  });
  close(bytes, 1);
});
