/** What the recorder says of a value: range, mean and deviation of each channel. Computed when asked for, once for each plane. */
import type { Range } from '../../../../protocol/report';
import { extremes, sumsAround } from '../../../../painting/reduce';
import type { ChannelName, Value } from './step';
import { rangeOf } from './tensor';

export interface ChannelStatistics extends Range {
  readonly channel: ChannelName;
}

/** Steps share the planes that they leave as they were. */
const known = new WeakMap<Float32Array, Range>();

export function statisticsOf(value: Value): readonly ChannelStatistics[] {
  if (value.type === 'uint8')
    return value.channels.map((channel, at) => ({
      channel,
      ...rangeOfLevels(countLevels(value.data, at, value.channels.length)),
    }));
  return value.channels.map((channel, at) => ({
    channel,
    ...knownRange(value.planes[at] as Float32Array),
  }));
}

function knownRange(plane: Float32Array): Range {
  const found = known.get(plane) ?? quickRange(plane);
  known.set(plane, found);
  return found;
}

/** As `rangeOf` to 12 digits, in two walks over the plane instead of four: every step of every analysis is recorded. */
function quickRange(plane: Float32Array): Range {
  const [min, max] = extremes(plane);
  const origin = (min + max) / 2;
  const [deviations, squares] = sumsAround(plane, origin);
  // A NaN or infinity anywhere is in both sums.
  if (!Number.isFinite(squares)) return rangeOf(plane);
  const offset = deviations / plane.length;
  const variance = Math.max(squares / plane.length - offset * offset, 0);
  return { mean: origin + offset, std: Math.sqrt(variance), min, max };
}

/** How often each of the 256 levels stands in one channel. */
function countLevels(data: Uint8Array, channel: number, step: number): Float64Array {
  const counts = new Int32Array(256);
  for (let i = channel; i < data.length; i += step)
    counts[data[i] as number] = (counts[data[i] as number] as number) + 1;
  return Float64Array.from(counts);
}

function rangeOfLevels(counts: Float64Array): Range {
  const total = counts.reduce((a, b) => a + b, 0);
  const mean = counts.reduce((sum, count, level) => sum + count * level, 0) / total;
  const squares = counts.reduce((sum, count, level) => sum + count * (level - mean) ** 2, 0);
  const min = counts.findIndex((count) => count > 0);
  const max = counts.findLastIndex((count) => count > 0);
  return { mean, std: Math.sqrt(squares / total), min, max };
}
