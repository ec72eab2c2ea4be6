/** Resampling 8-bit pixels in integers by the kernels: the same levels as in fixed-point.ts, in a sixth of the time. */
import type { Kernels } from '../kernels';
import type { PixelGrid } from './pixels';
import type { FixedTaps } from './taps';

/** Of the kernels' memory, for rows of the source at both widths. */
const MOST_BYTES = 1 << 24;

/**
 * A block of the output's rows after another, so that memory does not grow with the picture.
 * @param columns null where the width stays; other than that, pixels have three channels
 * @param kernels whose memory is used; afterwards it is free again
 * @returns null where a single row of the output is made of more than `MOST_BYTES`
 */
export function resampleInLanes(
  source: PixelGrid,
  columns: FixedTaps | null,
  rows: FixedTaps | null,
  kernels: Kernels,
): PixelGrid | null {
  const { channels } = source;
  const [width, height] = [columns?.length ?? source.width, rows?.length ?? source.height];
  const strides = { source: source.width * channels, out: width * channels };
  const blocks = blocksOf(height, rows, Math.floor(MOST_BYTES / (strides.source + strides.out)));
  if (blocks === null) return null;
  const data = new Uint8Array(strides.out * height);
  for (const block of blocks)
    kernels.within(() => {
      data.set(blockOf(source, columns, rows, block, kernels), block.from * strides.out);
    });
  return { width, height, channels, data };
}

/** Rows `from` to before `to` of the output, and the rows of the source that they are made of. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

function blocksOf(height: number, rows: FixedTaps | null, most: number): readonly Block[] | null {
  const firstOf = (y: number): number => (rows === null ? y : (rows.firsts[y] as number));
  const endOf = (y: number): number => firstOf(y) + (rows === null ? 1 : (rows.counts[y] as number));
  const blocks: Block[] = [];
  for (let from = 0; from < height;) {
    let [to, end] = [from, firstOf(from)];
    while (to < height && Math.max(end, endOf(to)) - firstOf(from) <= most) end = Math.max(end, endOf(to++));
    if (to === from) return null;
    blocks.push({ from, to, first: firstOf(from), end });
    from = to;
  }
  return blocks;
}

/** A view of the kernels' memory. */
function blockOf(
  { width, channels, data }: PixelGrid,
  columns: FixedTaps | null,
  rows: FixedTaps | null,
  { from, to, first, end }: Block,
  kernels: Kernels,
): Uint8Array {
  const count = end - first;
  const stride = width * channels;
  const across = (columns?.length ?? width) * channels;
  const rooms = {
    source: kernels.room(stride * count),
    narrow: kernels.room(columns === null ? 0 : across * count),
    out: kernels.room(rows === null ? 0 : across * (to - from)),
    columns: columns === null ? null : tapsIn(columns, kernels),
    rows: rows === null ? null : tapsIn(rows, kernels),
  };
  rooms.source.bytes(stride * count).set(data.subarray(stride * first, stride * end));
  let made = rooms.source;
  if (rooms.columns !== null && columns !== null) {
    const { firsts, counts, weights } = rooms.columns;
    kernels.run.levelColumns(
      ...([made.fit(0), width, count, firsts, counts, weights] as const),
      ...([columns.span, columns.bits, columns.length, rooms.narrow.fit(0)] as const),
    );
    made = rooms.narrow;
  }
  if (rooms.rows !== null && rows !== null) {
    const { firsts, counts, weights } = rooms.rows;
    kernels.run.levelRows(
      ...([made.fit(0), first, across, firsts, counts, weights] as const),
      ...([rows.span, rows.bits, from, to, rooms.out.fit(0)] as const),
    );
    made = rooms.out;
  }
  return made.bytes(across * (to - from));
}

/** Pointers to copies in the kernels' memory. */
function tapsIn({ firsts, counts, weights }: FixedTaps, kernels: Kernels) {
  const copied = (values: Int32Array): number => {
    const room = kernels.room(4 * values.length);
    room.int32(values.length).set(values);
    return room.fit(0);
  };
  return { firsts: copied(firsts), counts: copied(counts), weights: copied(weights) };
}
