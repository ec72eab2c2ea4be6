/** The table's columns: what each says, how wide it is, and which are shown where there is not room for all. */
import type { SortKey } from './rows';
import { t } from '../l10n';

export const columnIds = [
  'name',
  'heatmap',
  'activation',
  'health',
  'size',
  'mean',
  'std',
  'cam',
  'negative',
  'order',
] as const;
export type ColumnId = (typeof columnIds)[number];

export interface Column {
  readonly id: ColumnId;
  /** Null where it cannot be sorted by. */
  readonly key: SortKey | null;
  readonly title: string;
  readonly hint: string;
  /** Falling first, where the large values are the ones looked for. */
  readonly fallingFirst?: true;
  readonly kind: string;
  /** CSS pixels that it takes, with its padding. */
  readonly width: number;
  /** Columns with higher numbers go first where there is little room; 0 never goes. */
  readonly rank: number;
}

/** In the order in which they stand: the name first, since it stays in view when the others are scrolled. */
export const COLUMNS: readonly Column[] = [
  {
    ...{ id: 'name', key: 'name', title: t('Layer'), hint: t('Name and operator') },
    ...{ kind: 'column-name', width: 176, rank: 0 },
  },
  {
    ...{ id: 'order', key: 'order', title: '#', hint: t('Place in the forward pass') },
    ...{ kind: 'number column-order', width: 52, rank: 8 },
  },
  {
    ...{ id: 'heatmap', key: null, title: t('Heatmap'), hint: t('Class activation map over the picture') },
    ...{ kind: 'column-picture', width: 72, rank: 1 },
  },
  {
    ...{ id: 'activation', key: null, title: t('Activation'), hint: t('Channel mean of the activation') },
    ...{ kind: 'column-picture', width: 84, rank: 2 },
  },
  {
    ...{
      id: 'health',
      key: 'health',
      title: t('Health'),
      hint: t('Whether the layer deserves a second look'),
    },
    ...{ kind: 'column-health', width: 72, rank: 3, fallingFirst: true },
  },
  {
    ...{ id: 'size', key: 'size', title: t('Shape'), hint: t('Channels × height × width') },
    ...{ kind: 'number column-shape', width: 116, rank: 4, fallingFirst: true },
  },
  {
    ...{ id: 'mean', key: 'mean', title: t('Mean'), hint: t('Mean of the activation') },
    ...{ kind: 'number', width: 86, rank: 5, fallingFirst: true },
  },
  {
    ...{ id: 'std', key: 'std', title: t('Std'), hint: t('Standard deviation of the activation') },
    ...{ kind: 'number', width: 86, rank: 9, fallingFirst: true },
  },
  {
    ...{
      id: 'cam',
      key: 'cam',
      title: t('CAM max'),
      hint: t('Largest value of the raw map after ReLU: what full color stands for before it is blurred'),
    },
    ...{ kind: 'number', width: 96, rank: 6, fallingFirst: true },
  },
  {
    ...{
      id: 'negative',
      key: 'negative',
      title: t('Negative'),
      hint: t('Share of the map that was negative before ReLU'),
    },
    ...{ kind: 'number', width: 84, rank: 7, fallingFirst: true },
  },
];

/** The columns that fit without scrolling, those that matter most first; the name always. */
export function fitting(room: number): readonly ColumnId[] {
  const byRank = [...COLUMNS].sort((a, b) => a.rank - b.rank);
  let left = room;
  const fit = new Set<ColumnId>();
  for (const { id, width, rank } of byRank) {
    if (rank > 0 && width > left) break;
    left -= width;
    fit.add(id);
  }
  return COLUMNS.filter(({ id }) => fit.has(id)).map(({ id }) => id);
}

/** @param chosen by the reader; null takes what fits */
export function shownColumns(chosen: readonly ColumnId[] | null, room: number): readonly Column[] {
  const ids = new Set<ColumnId>(['name', ...(chosen ?? fitting(room))]);
  return COLUMNS.filter(({ id }) => ids.has(id));
}

/** What was kept, where it still names columns. */
export function reviveColumns(kept: unknown): readonly ColumnId[] | null {
  if (!Array.isArray(kept)) return null;
  return columnIds.filter((id) => kept.includes(id));
}

export const widthOf = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width }) => sum + width, 0);
