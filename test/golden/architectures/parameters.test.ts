/** Every architecture's parameters against the state dicts of the Python libraries. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultHead, parametersOf } from '../../../server/src/architectures/build';
import { architectures } from '../../../server/src/architectures/registry';
import type { Shape } from '../../../server/src/architectures/state-dict';

interface Row {
  readonly parameters: number;
  readonly tensors: number;
  /** Of the sorted lines "name d0,d1,...". */
  readonly sha256: string;
}

/** What earlier versions of a library wrote, and nobody read. */
const WRITTEN_ONCE = /^transformers\/(vit|deit)\S* \w+\.pooler\.dense|^transformers\/swinv2\S* .*\.relative_(position_index|coords_table)$/;

const table = JSON.parse(readFileSync(join(__dirname, 'parameters.json'), 'utf8')) as Record<string, Row>;

test('the table and the registry have the same architectures', () => {
  assert.deepEqual(architectures.map(({ id }) => id).sort(), Object.keys(table).sort());
});

for (const architecture of architectures)
  test(`${architecture.id}: all names and shapes are the library's`, () => {
    const { shapes, unused } = parametersOf(architecture, defaultHead(architecture, 1000));
    const current = [...unused].filter((name) => !WRITTEN_ONCE.test(`${architecture.id} ${name}`));
    const all = new Map<string, Shape>([...shapes, ...current.map((name) => [name, []] as const)]);
    const lines = [...all].map(([name, shape]) => `${name} ${shape.join(',')}`).sort();
    const trainable = [...shapes].filter(([name]) => !/\.(running_(mean|var)|relative_coords_table)$/.test(name));
    const parameters = trainable.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const sha256 = createHash('sha256').update(lines.join('\n')).digest('hex');
    assert.deepEqual({ parameters, tensors: all.size, sha256 }, table[architecture.id]);
  });
