/** Kernel times, arithmetic and traffic from a profile as the runtime writes it. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelsOf } from '../../../bench/kernels';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { temporaryFolder } from '../../support/temp';

const event = (
  node: string,
  microseconds: number,
  operator: string,
  inputs: number[][],
  output: number[],
) => ({
  cat: 'Node',
  name: `${node}_kernel_time`,
  dur: microseconds,
  args: {
    op_name: operator,
    input_type_shape: inputs.map((float) => ({ float })),
    output_type_shape: [{ float: output }],
  },
});

test('a kind has the sum over its nodes of the median over counted runs', () => {
  const wide = [1, 8, 4, 4];
  const conv = (microseconds: number) =>
    event(
      'a',
      microseconds,
      'Conv',
      [
        [1, 2, 4, 4],
        [8, 2, 1, 1],
      ],
      wide,
    );
  const scale = (microseconds: number) => event('b', microseconds, 'Conv', [wide, [8, 1, 1, 1]], wide);
  const mul = (node: string, microseconds: number) => event(node, microseconds, 'Mul', [wide, wide], wide);
  const runs = [900, 30, 10, 20].flatMap((t) => [conv(t), scale(t + 1), mul('c', 2 * t), mul('d', 4 * t)]);
  const session = { cat: 'Session', name: 'model_run', dur: 5, args: {} };
  assert.deepEqual(kernelsOf(JSON.stringify([session, ...runs]), 1), [
    { kind: 'Mul', nodes: 2, milliseconds: 0.12, gigaMacs: 0, gigabytes: (2 * 3 * 128 * 4) / 1e9 },
    {
      kind: 'Conv depthwise 1x1',
      nodes: 1,
      milliseconds: 0.021,
      gigaMacs: 128 / 1e9,
      gigabytes: ((2 * 128 + 8) * 4) / 1e9,
    },
    {
      kind: 'Conv 1x1',
      nodes: 1,
      milliseconds: 0.02,
      gigaMacs: (128 * 2) / 1e9,
      gigabytes: ((32 + 16 + 128) * 4) / 1e9,
    },
  ]);
});

test('reads what the runtime writes', async () => {
  const folder = join(temporaryFolder('kernels'), 'profile');
  mkdirSync(folder);
  const builder = new GraphBuilder('product');
  const x = builder.input('x', 'float32', [2, 3]);
  const w = builder.input('w', 'float32', [3, 5]);
  builder.output(builder.node('MatMul', [x, w]), 'float32', [2, 5]);
  const session = await createSession(encodeModel(builder.model()), {
    provider: 'cpu',
    profilePrefix: join(folder, 'p'),
  });
  const feeds = {
    x: { type: 'float32', dims: [2, 3], data: new Float32Array(6) },
    w: { type: 'float32', dims: [3, 5], data: new Float32Array(15) },
  } as const;
  for (let run = 0; run < 3; run++) await session.run(feeds);
  await session.dispose();
  const [file = ''] = readdirSync(folder);
  const [matMul, ...others] = kernelsOf(readFileSync(join(folder, file), 'utf8'), 1);
  assert.deepEqual(others, []);
  assert.equal(matMul?.kind, 'MatMul');
  assert.equal(matMul.gigaMacs, 30 / 1e9);
  assert.equal(matMul.gigabytes, ((6 + 15 + 10) * 4) / 1e9);
});
