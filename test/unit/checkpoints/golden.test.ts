/** Every tensor of every fixture, bit for bit as PyTorch reads it back (test/reference/checkpoints/fixtures.py). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';

interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256: string;
  readonly float32: string;
  readonly first: readonly string[];
}

const folder = join(__dirname, '..', '..', 'fixtures', 'checkpoints');
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as {
  files: Record<string, Record<string, GoldenTensor>>;
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function parsePython(text: string): number {
  const special: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
  return special[text] ?? Number(text);
}

const network = ['epoch', 'optimizer'];

/** Format, where the state dict is, and what else the file holds. */
const expected: Record<string, readonly [format: string, location: string, skipped: readonly string[]]> = {
  'all.safetensors': ['safetensors', '', []],
  'big-endian.pth': ['torch-zip', '', []],
  'data-parallel.pth': ['torch-zip', '', []],
  'deflated.tar': ['torch-zip', 'model', network],
  'ema.pth': ['torch-zip', 'ema', ['decay']],
  'legacy-nested.tar': ['torch-legacy', 'net', ['acc', 'optimizer']],
  'legacy-protocol2.pth': ['torch-legacy', '', []],
  'legacy-protocol3.pth': ['torch-legacy', '', []],
  'legacy-protocol4.pth': ['torch-legacy', '', []],
  'legacy-protocol5.pth': ['torch-legacy', '', []],
  'legacy-views.pth': ['torch-legacy', '', []],
  'nested-twice.pth': ['torch-zip', 'model.state_dict', ['epoch']],
  'release-deflated.zip': ['torch-legacy', 'net', ['acc', 'optimizer']],
  'release-of-zip.zip': ['torch-zip', 'model', network],
  'release-stored.zip': ['torch-legacy', 'net', ['acc', 'optimizer']],
  'sbi.tar': ['torch-zip', 'model', network],
  'training.pth': [
    'torch-zip',
    'state_dict',
    [
      ...[
        '3',
        'args',
        'array',
        'best_acc1',
        'big',
        'blob',
        'classes',
        'complex',
        'counts',
        'device',
        'dtype',
      ],
      ...['frozen', 'history', 'random', 'range', 'shape', 'version', 'when'],
    ],
  ],
  'without-crc.pth': ['torch-zip', '', []],
  'zip-protocol2.pth': ['torch-zip', '', []],
  'zip-protocol3.pth': ['torch-zip', '', []],
  'zip-protocol4.pth': ['torch-zip', '', []],
  'zip-protocol5.pth': ['torch-zip', '', []],
};

test('every golden file is opened here, and every fixture is either golden or refused', () => {
  assert.deepEqual(Object.keys(golden.files).sort(), Object.keys(expected).sort());
  const refused = readFileSync(join(__dirname, 'refused.test.ts'), 'utf8');
  for (const name of readdirSync(folder)) {
    if (name === 'golden.json' || name in expected) continue;
    assert.ok(refused.includes(`'${name}'`), `${name} is used by no test`);
  }
});

for (const [file, [format, location, skipped]] of Object.entries(expected)) {
  test(`${file} reads as PyTorch reads it`, async () => {
    const path = join(folder, file);
    const tensors = golden.files[file];
    assert.ok(tensors, 'no golden: run test/reference/checkpoints/fixtures.py');
    const checkpoint = await openCheckpoint(path);
    try {
      assert.equal(checkpoint.format, format);
      assert.equal(checkpoint.path, path);
      assert.equal(checkpoint.location, location);
      assert.deepEqual([...checkpoint.skipped].sort(), skipped);
      assert.deepEqual([...checkpoint.stateDict.keys()].sort(), Object.keys(tensors).sort());
      for (const [name, want] of Object.entries(tensors)) {
        const info = checkpoint.stateDict.get(name)!;
        assert.deepEqual(
          [info.name, info.dtype, info.shape, info.parameters],
          [name, want.dtype, want.shape, want.shape.reduce((product, size) => product * size, 1)],
        );
        const raw = await checkpoint.readRaw(name);
        assert.equal(sha256(raw.data), want.sha256, `${name}: elements`);
        const floats = await checkpoint.readFloat32(name);
        assert.deepEqual([...floats.subarray(0, 3)], want.first.map(parsePython), `${name}: first values`);
        // Which of the many NaNs a conversion yields depends on the CPU.
        const canonical = floats.map((value) => (Number.isNaN(value) ? NaN : value));
        assert.equal(sha256(new Uint8Array(canonical.buffer)), want.float32, `${name}: as float32`);
      }
    } finally {
      await checkpoint.close();
    }
  });
}
