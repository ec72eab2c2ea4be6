/** The layer table of the reference report: EfficientNet-B5 at 380x380, every row's name and shape, in order. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededClassifier } from '../../../server/src/architectures/classifier';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { sharedFile } from '../../support/shared';

/** Layers with the same shape, in order: [first and last block, channels, side]. */
const stages = [
  [0, 2, 24, 190],
  [3, 7, 40, 95],
  [8, 12, 64, 47],
  [13, 19, 128, 24],
  [20, 26, 176, 24],
  [27, 35, 304, 12],
  [36, 38, 512, 12],
] as const;

const table: readonly string[] = [
  'conv_stem (1, 48, 190, 190)',
  'bn0 (1, 48, 190, 190)',
  ...stages.flatMap(([first, last, channels, side]) =>
    Array.from({ length: last - first + 1 }, (_, i) => {
      const block = String(first + i).padStart(2, '0');
      return `block_${block} (1, ${channels}, ${side}, ${side})`;
    }),
  ),
  'conv_head (1, 2048, 12, 12)',
  'bn1 (1, 2048, 12, 12)',
  'avg_pool (1, 2048, 1, 1)',
  'dropout (1, 2048)',
  'fc (1, 2)',
];

test('B5 reports the layers of the reference', async () => {
  const network = await seededClassifier(findArchitecture('efficientnet_pytorch/b5')!, {
    classes: 2,
    inputSize: 380,
  });
  assert.deepEqual(
    network.layers.map(({ name, shape }) => `${name} (${shape.join(', ')})`),
    table,
  );
});

test('the table above is the reference report’s', (context) => {
  const path = sharedFile(context, 'reference/IMG_5549.report.md');
  if (path === null) return;
  const rows = [...readFileSync(path, 'utf8').matchAll(/^(\w+) \| (\([\d, ]+\)) \|/gm)];
  assert.deepEqual(
    rows.map(([, name, shape]) => `${name} ${shape}`),
    table,
  );
});
