/** Which part of a set this machine evaluates: one of n runs of rows that follow each other, as equal as can be. */
/** The `index`-th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Rows `from` (inclusive) to `to` (exclusive) of `rows`; empty where there are more shards than rows. */
export const rangeOf = (
  { index, count }: Shard,
  rows: number,
): { readonly from: number; readonly to: number } => ({
  from: Math.floor((rows * (index - 1)) / count),
  to: Math.floor((rows * index) / count),
});

export const shardName = ({ index, count }: Shard): string => {
  const digits = String(count).length;
  return `shard-${String(index).padStart(digits, '0')}-of-${count}`;
};
