/** The layer table of the reference report: EfficientNet-B5 at 380x380, every row's name and shape, in order. */
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { sharedFile } from './shared';

/** Blocks with the same shape, in order: [first and last block, channels, side]. */
export const stages = [
  [0, 2, 24, 190],
  [3, 7, 40, 95],
  [8, 12, 64, 47],
  [13, 19, 128, 24],
  [20, 26, 176, 24],
  [27, 35, 304, 12],
  [36, 38, 512, 12],
] as const;

/** As `conv_stem (1, 48, 190, 190)`. */
export const referenceRows: readonly string[] = [
  'conv_stem (1, 48, 190, 190)',
  'bn0 (1, 48, 190, 190)',
  ...stages.flatMap(([first, last, channels, side]) =>
    Array.from(
      { length: last - first + 1 },
      (_, i) => `block_${String(first + i).padStart(2, '0')} (1, ${channels}, ${side}, ${side})`,
    ),
  ),
  'conv_head (1, 2048, 12, 12)',
  'bn1 (1, 2048, 12, 12)',
  'avg_pool (1, 2048, 1, 1)',
  'dropout (1, 2048)',
  'fc (1, 2)',
];

/** The rows of a report.md, in the same form. */
export const rowsOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^(\w+) \| (\([\d, ]+\)) \|/gm)].map(([, name, shape]) => `${name} ${shape}`);

/** The rows of the reference report itself; null (and the test skipped, aloud) where it is not at hand. */
export function rowsOfReference(context: TestContext): readonly string[] | null {
  const path = sharedFile(context, 'reference/IMG_5549.report.md');
  return path === null ? null : rowsOf(readFileSync(path, 'utf8'));
}
