/** Strided reading against plain index arithmetic: random views, and views larger than a block. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { layoutProblem } from '../../../server/src/checkpoints/tensor';
import { stateDictPickle, torchZip } from '../../support/checkpoints/torch-writer';
import type { TensorRecipe } from '../../support/checkpoints/torch-writer';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('strided');

/** mulberry32: the same views in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A view made as PyTorch code makes them: permuted, sliced with steps, with dimensions dropped or expanded. */
function randomView(random: (below: number) => number): Omit<TensorRecipe, 'key'> {
  const base = Array.from({ length: 1 + random(4) }, () => 1 + random(6));
  const storage = base.reduce((product, size) => product * size, 1);
  let offset = 0;
  let axes = base.map((size, axis) => {
    const stride = base.slice(axis + 1).reduce((product, next) => product * next, 1);
    const first = random(size);
    const step = 1 + random(3);
    offset += first * stride;
    return { size: Math.floor((size - first - 1) / step) + 1, stride: stride * step };
  });
  if (random(3) === 0)
    axes = axes.map((axis) => (axis.size === 1 ? { size: 1 + random(4), stride: 0 } : axis));
  for (let i = axes.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [axes[i], axes[j]] = [axes[j]!, axes[i]!];
  }
  return { storage, offset, shape: axes.map((axis) => axis.size), strides: axes.map((axis) => axis.stride) };
}

/** Element i of the storage is i: so are the values of a view its positions. */
function expectedPositions({ shape, strides, offset = 0 }: Omit<TensorRecipe, 'key'>): Float32Array {
  let positions = [offset];
  shape.forEach((size, axis) => {
    positions = positions.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides![axis]!));
  });
  return Float32Array.from(positions);
}

const counting = (length: number): Buffer => Buffer.from(Float32Array.from({ length }, (_, i) => i).buffer);

test('300 random views', async () => {
  const random = generator(11);
  for (let file = 0; file < 10; file++) {
    const views = Array.from({ length: 30 }, () => randomView(random));
    const recipes = Object.fromEntries(views.map((view, i) => [`v${i}`, { ...view, key: String(i) }]));
    const storages = Object.fromEntries(views.map((view, i) => [String(i), counting(view.storage)]));
    const path = join(folder, 'views.pth');
    writeFileSync(path, torchZip(stateDictPickle(recipes), storages, { deflate: file % 2 === 1 }));
    const checkpoint = await openCheckpoint(path);
    for (const [i, view] of views.entries()) {
      const want = expectedPositions(view);
      assert.deepEqual(await checkpoint.readFloat32(`v${i}`), want, JSON.stringify(view));
      const raw = await checkpoint.readRaw(`v${i}`);
      assert.deepEqual(new Float32Array(raw.data.buffer), want, JSON.stringify(view));
    }
    await checkpoint.close();
  }
});

for (const deflate of [false, true]) {
  test(`views larger than a block, ${deflate ? 'deflated' : 'stored'}`, async () => {
    const storage = 2_400_000; // 9.6 MB: beyond what is held in memory, three blocks
    const views: Record<string, Omit<TensorRecipe, 'key'>> = {
      whole: { storage, shape: [1200, 2000], strides: [2000, 1] },
      transposed: { storage, shape: [2000, 1200], strides: [1, 2000] },
      column: { storage, shape: [1200], strides: [2000], offset: 1999 },
      halves: { storage, shape: [2, 3, 2], strides: [1_200_000, 7, 1], offset: 5 },
      corners: { storage, shape: [2, 2], strides: [1, 2_399_998] },
      expanded: { storage, shape: [2, 2, 3], strides: [1_199_999, 0, 1] },
    };
    const recipes = Object.fromEntries(Object.entries(views).map(([name, v]) => [name, { ...v, key: '0' }]));
    const path = join(folder, 'large.pth');
    writeFileSync(path, torchZip(stateDictPickle(recipes), { '0': counting(storage) }, { deflate }));
    const checkpoint = await openCheckpoint(path);
    for (const [name, view] of Object.entries(views)) {
      const bytes = Buffer.from((await checkpoint.readFloat32(name)).buffer);
      assert.ok(bytes.equals(Buffer.from(expectedPositions(view).buffer)), name);
    }
    await checkpoint.close();
  });
}

test('layouts that are refused', () => {
  assert.equal(layoutProblem([2, 3], [3, 1]), null);
  assert.equal(layoutProblem([4, 3], [0, 1]), null);
  assert.equal(layoutProblem([0, 3], [1, 1]), null, 'nothing can overlap where nothing is');
  assert.equal(layoutProblem([3, 3], [2, 1]), 'has overlapping strides (2, 1)');
  assert.match(String(layoutProblem([2 ** 20, 17], [0, 1])), /^repeats stored elements/);
});
