/** Optimized networks on disk: the numbers of the network they were made from, and no number from a damaged file. */
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { readModel } from '../../../server/src/onnx/read';
import { writeModel } from '../../../server/src/onnx/write';
import { FolderCache } from '../../../server/src/system/cache';
import {
  checkOptimized,
  keepsOptimized,
  optimizedFor,
  optimizedModel,
  saveOptimized,
} from '../../../server/src/runtime/optimized';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../server/src/runtime/session';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('optimized');
const model = join(folder, 'small.onnx');
const saved = join(folder, 'saved');
const cpu = { provider: 'cpu', threads: 1 } as const;
const image: Tensor = {
  type: 'float32',
  dims: [1, 3, 64, 64],
  data: Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => ((i * 37) % 101) / 101),
};

/** Read by no node: only that it is kept. */
const late = [{ name: 'late', dims: [3000], fill: (into: Float32Array) => void into.fill(7) }];

async function results(path: string, optimization: 'all' | 'disabled'): Promise<Record<string, Tensor>> {
  const session = await createSession(path, { ...cpu, optimization });
  try {
    return await session.run({ image });
  } finally {
    await session.dispose();
  }
}

before(async () => {
  await writeModel(smallClassifier(), model);
  mkdirSync(saved);
  await saveOptimized(model, saved, { ...cpu, late });
});

test('loads without optimizing and computes the same, bit for bit', async () => {
  const { modelPath, optimization } = optimizedModel(saved);
  assert.equal(optimization, 'disabled');
  assert.deepEqual(await results(modelPath, optimization), await results(model, 'all'));
});

test('keeps large constants in a file that the runtime maps', () => {
  assert.ok(statSync(join(saved, 'optimized.onnx.data')).size >= 6 * 8 * 9 * 4);
});

test('keeps constants that the runtime has not seen', async () => {
  const { initializers } = (await readModel(optimizedModel(saved).modelPath)).graph;
  assert.deepEqual(initializers.get('late')?.dims, [3000]);
  assert.deepEqual(
    new Float32Array(readFileSync(join(saved, 'late.data')).buffer),
    new Float32Array(3000).fill(7),
  );
});

test('is of one provider, and only of one that can load it again', () => {
  assert.notEqual(optimizedFor('cpu'), optimizedFor('cuda'));
  assert.equal(optimizedFor('cpu'), optimizedFor('cpu'));
  assert.match(optimizedFor('cpu'), /"1\.\d+\.\d+"/);
  assert.deepEqual(
    [keepsOptimized('cpu'), keepsOptimized('cuda'), keepsOptimized('webgpu')],
    [true, false, false],
  );
});

test('a network that the runtime refuses is refused', async () => {
  const bad = join(folder, 'bad.onnx');
  writeFileSync(bad, 'no model');
  await assert.rejects(saveOptimized(bad, folder, cpu), { kind: 'model', message: /bad\.onnx/ });
});

for (const file of ['optimized.onnx', 'optimized.onnx.data', 'late.data', 'seal.json'])
  test(`a disk that is full when ${file} is written is called full by the cache`, async (t) => {
    if (process.platform !== 'linux') {
      t.skip('/dev/full is a device of Linux');
      return;
    }
    const cache = new FolderCache(join(folder, `full ${file}`));
    const make = (place: string): Promise<void> => {
      symlinkSync('/dev/full', join(place, file)); // takes nothing: ENOSPC
      return saveOptimized(model, place, { ...cpu, late });
    };
    await assert.rejects(cache.folder('entry', make), {
      kind: 'output',
      code: 'disk-full',
      message: /ENOSPC/,
    });
    assert.deepEqual(readdirSync(cache.root), []);
  });

describe('an entry is not used if', () => {
  const graph = 'optimized.onnx';
  const weights = 'optimized.onnx.data';
  const overwrite = (name: string, at: number) => (place: string) => {
    const bytes = readFileSync(join(place, name));
    const index = at < 0 ? bytes.length + at : at;
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
    writeFileSync(join(place, name), bytes);
  };
  const damages: readonly (readonly [string, (place: string) => void])[] = [
    ['its graph changed', overwrite(graph, 200)],
    ['its graph was cut', (place) => truncateSync(join(place, graph), 300)],
    ['its graph is gone', (place) => rmSync(join(place, graph))],
    ['its weights begin otherwise', overwrite(weights, 0)],
    ['its weights end otherwise', overwrite(weights, -1)],
    ['its weights were cut', (place) => truncateSync(join(place, weights), 100)],
    ['its weights grew', (place) => truncateSync(join(place, weights), 1 << 20)],
    ['its weights are gone', (place) => rmSync(join(place, weights))],
    ['what the runtime has not seen begins otherwise', overwrite('late.data', 0)],
    ['what the runtime has not seen is gone', (place) => rmSync(join(place, 'late.data'))],
    ['its seal is gone', (place) => rmSync(join(place, 'seal.json'))],
    ['its seal was cut', (place) => truncateSync(join(place, 'seal.json'), 20)],
  ];
  for (const [what, damage] of damages)
    test(what, async () => {
      const place = join(folder, what);
      cpSync(saved, place, { recursive: true });
      await checkOptimized(place);
      damage(place);
      await assert.rejects(checkOptimized(place));
    });
});
