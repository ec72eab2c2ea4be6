/** Seeded weights against the published hash values and NumPy's tensors. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fnv1a32, seededStateDict, seededTensor } from '../../../server/src/architectures/seeded';

interface GoldenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly seed: number;
  readonly first: readonly number[];
  readonly last: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

const path = join(__dirname, '..', '..', 'golden', 'network', 'seeded.json');
const { tensors } = JSON.parse(readFileSync(path, 'utf8')) as { readonly tensors: readonly GoldenTensor[] };

describe('seeded weights', () => {
  // Test vectors of the hash's authors: draft-eastlake-fnv, section on test vectors.
  for (const [text, hash] of [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ] as const)
    test(`FNV-1a of "${text}"`, () => assert.equal(fnv1a32(text), hash));

  test('hashes the UTF-8 bytes of a name, not its characters', () =>
    // FNV-1a of c3 a9, worked out by hand: ((offset ^ c3) * prime ^ a9) * prime.
    assert.equal(fnv1a32('\u00e9'), handHash([0xc3, 0xa9])));

  assert.ok(tensors.length > 0);
  for (const golden of tensors)
    test(`${golden.name} is NumPy's`, () => {
      const values = seededTensor(golden.name, golden.shape);
      assert.equal(fnv1a32(golden.name), golden.seed);
      assert.deepEqual([...values.subarray(0, golden.first.length)], golden.first);
      assert.equal(values.at(-1), golden.last);
      const sum = values.reduce((total, value) => total + value, 0);
      const squares = values.reduce((total, value) => total + value * value, 0);
      // Summation order differs; the values do not.
      assert.ok(Math.abs(sum - golden.sum) <= 1e-9 * (1 + golden.sumOfSquares));
      assert.ok(Math.abs(squares - golden.sumOfSquares) <= 1e-9 * (1 + golden.sumOfSquares));
    });

  test('a state dict of them has the given names and shapes, and no others', async () => {
    const shapes = new Map([['fc.weight', [2, 3]]]);
    const stateDict = seededStateDict(shapes);
    assert.deepEqual([...stateDict.names()], ['fc.weight']);
    assert.deepEqual(stateDict.shape('fc.weight'), [2, 3]);
    assert.equal(stateDict.has('fc.bias'), false);
    assert.throws(() => stateDict.shape('fc.bias'), /"fc\.bias"/);
    assert.deepEqual(await stateDict.float32('fc.weight'), seededTensor('fc.weight', [2, 3]));
  });
});

function handHash(bytes: readonly number[]): number {
  let state = 0x811c9dc5n;
  for (const byte of bytes) state = ((state ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
  return Number(state);
}
