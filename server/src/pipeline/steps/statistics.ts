/** What the recorder says of a value: range, mean and deviation of each channel. Computed when asked for, once for each plane. */
import type { Range } from '../../../../protocol/report';
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
  const found = known.get(plane) ?? rangeOf(plane);
  known.set(plane, found);
  return found;
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
