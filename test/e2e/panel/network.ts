/** Names, shapes and operators of the 44 layers that a report on EfficientNet-B5 at 380x380 has. */
import { stages } from '../../support/reference-layers';

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly operator: string;
}

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
