/** Names, shapes and operators of the 44 layers that a report on EfficientNet-B5 at 380x380 has. */

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly operator: string;
}

/** [first block, last block, channels, side] of each stage. */
const stages: readonly (readonly [number, number, number, number])[] = [
  [0, 2, 24, 190],
  [3, 7, 40, 95],
  [8, 12, 64, 47],
  [13, 19, 128, 24],
  [20, 26, 176, 24],
  [27, 35, 304, 12],
  [36, 38, 512, 12],
];

export function efficientNetB5Layers(): NamedShape[] {
  const map = (name: string, channels: number, side: number, operator: string): NamedShape => ({
    name,
    shape: [1, channels, side, side],
    operator,
  });
  const blocks = stages.flatMap(([first, last, channels, side]) =>
    Array.from({ length: last - first + 1 }, (_, i) =>
      map(
        `block_${String(first + i).padStart(2, '0')}`,
        channels,
        side,
        i === 0 ? 'BatchNormalization' : 'Add',
      ),
    ),
  );
  return [
    map('conv_stem', 48, 190, 'Conv'),
    map('bn0', 48, 190, 'BatchNormalization'),
    ...blocks,
    map('conv_head', 2048, 12, 'Conv'),
    map('bn1', 2048, 12, 'BatchNormalization'),
    map('avg_pool', 2048, 1, 'GlobalAveragePool'),
    { name: 'dropout', shape: [1, 2048], operator: 'Identity' },
    { name: 'fc', shape: [1, 2], operator: 'Gemm' },
  ];
}
