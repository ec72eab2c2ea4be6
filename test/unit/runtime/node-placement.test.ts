/** Nodes by provider: counted in the runtime's own profile, which leaves no file behind. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { readNodePlacement } from '../../../server/src/runtime/node-placement';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { SMALL_SIDE, smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

/** Events as onnxruntime 1.30 writes them, cut to the fields that are read and two that are not. */
const node = (op_name: string, provider: string, read: number, written: number, name = op_name) => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur: 7,
  args: { op_name, provider, activation_size: String(read), output_size: String(written), node_index: '3' },
});
const session = { cat: 'Session', name: 'session_initialization', dur: 1, args: {} };

test('counts nodes by provider, and what the CPU ran for another', () => {
  const profile = [
    session,
    node('Conv', 'WebGpuExecutionProvider', 4096, 8192),
    node('Relu', 'WebGpuExecutionProvider', 8192, 8192),
    node('MemcpyToHost', 'WebGpuExecutionProvider', 8, 8, 'Memcpy_token_1'),
    node('Less', 'CPUExecutionProvider', 16, 1),
    node('ReorderOutput', 'CPUExecutionProvider', 65536, 65536),
    node('Equal', 'CPUExecutionProvider', 8, 2, 'lens/Equal'),
    node('Equal', 'CPUExecutionProvider', 8, 2, 'lens/Equal_1'),
    node('MemcpyFromHost', 'WebGpuExecutionProvider', 2, 2, 'Memcpy'),
    { cat: 'Node', name: 'Relu_fence_before', args: { op_name: 'Relu' } },
  ];
  assert.deepEqual(readNodePlacement(JSON.stringify(profile)), {
    providers: [
      { provider: 'cpu', nodes: 3 },
      { provider: 'webgpu', nodes: 2 },
    ],
    onCpu: [
      { operator: 'Equal', nodes: 2, bytes: 20 },
      { operator: 'Less', nodes: 1, bytes: 17 },
    ],
    copies: { nodes: 2, bytes: 10 },
  });
});

test('on the CPU alone nothing has fallen back', () => {
  const placement = readNodePlacement(JSON.stringify([session, node('Conv', 'CPUExecutionProvider', 1, 1)]));
  assert.deepEqual(placement, {
    providers: [{ provider: 'cpu', nodes: 1 }],
    onCpu: [],
    copies: { nodes: 0, bytes: 0 },
  });
});

test('a profile that says nothing of nodes is not a placement', () => {
  for (const profile of ['', '{}', '[]', '[{"cat":"Node"', '[1, null, "x"]', JSON.stringify([session])])
    assert.equal(readNodePlacement(profile), null, profile);
});

const folder = temporaryFolder('placement');

test('a session records its first run, and no file stays', async (t) => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const bytes = encodeModel(smallClassifier());
  const image = {
    type: 'float32',
    dims: [1, 3, SMALL_SIDE, SMALL_SIDE],
    data: new Float32Array(3 * SMALL_SIDE * SMALL_SIDE),
  } as const;
  const recorded = await createSession(bytes, {
    provider: 'cpu',
    optimization: 'disabled',
    recordPlacement: true,
  });
  try {
    if (process.platform !== 'win32')
      assert.deepEqual(readdirSync(folder), [], 'unlinked as soon as it is open');
    assert.equal(await recorded.nodePlacement(), null, 'nothing has run yet');
    await recorded.run({ image });
    const placement = await recorded.nodePlacement();
    const nodes = smallClassifier().graph.nodes.length;
    assert.deepEqual(placement?.providers, [{ provider: 'cpu', nodes }], 'not optimized: node by node');
    await recorded.run({ image });
    assert.deepEqual(await recorded.nodePlacement(), placement, 'of the first run only');
  } finally {
    await recorded.dispose();
  }
  const unused = await createSession(bytes, { provider: 'cpu', recordPlacement: true });
  await unused.dispose();
  await assert.rejects(createSession(new Uint8Array(3), { provider: 'cpu', recordPlacement: true }));
  assert.deepEqual(readdirSync(folder), []);
});
