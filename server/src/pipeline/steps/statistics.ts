/** What the recorder reports of a value: range, mean and deviation of each channel. Computed on request, once for each plane. */
import type { Range } from '../../../../protocol/report';
import type { Kernels } from '../../imaging/kernels';
import type { ChannelName, Value } from './step';
import { rangeOf } from './tensor';

export interface ChannelStatistics extends Range {
  readonly channel: ChannelName;
}

/** Steps share the planes that they leave unchanged. */
const known = new WeakMap<Float32Array, Range>();

/** @param kernels whose memory is used; afterwards it is free again */
export function statisticsOf(value: Value, kernels: Kernels): readonly ChannelStatistics[] {
  if (value.type === 'uint8') {
    const counts = countLevels(value.data, value.channels.length);
    return value.channels.map((channel, at) => ({
      channel,
      ...rangeOfLevels(counts.subarray(256 * at, 256 * (at + 1))),
    }));
  }
  return value.channels.map((channel, at) => ({
    channel,
    ...rangeOfPlane(value.planes[at] as Float32Array, kernels),
  }));
}

interface Recorded {
  readonly after: Pick<Value, 'type'>;
  readonly statistics: readonly ChannelStatistics[];
}

/** Over all channels of a step's planes, which have equal sizes; null where there are none, or a value is not finite. */
export function pooled(step: Recorded | undefined): Range | null {
  if (step?.after.type !== 'float32') return null;
  const channels = step.statistics.map(({ min, max, mean, std }) => [min, max, mean, std].map(Number));
  if (channels.length === 0 || !channels.flat().every(Number.isFinite)) return null;
  const average = (of: (channel: readonly number[]) => number): number =>
    channels.reduce((sum, channel) => sum + of(channel), 0) / channels.length;
  const mean = average(([, , own = NaN]) => own);
  const variance = average(([, , own = NaN, deviation = NaN]) => deviation ** 2 + (own - mean) ** 2);
  const [least, greatest] = [channels.map(([min = NaN]) => min), channels.map(([, max = NaN]) => max)];
  return { mean, std: Math.sqrt(variance), min: Math.min(...least), max: Math.max(...greatest) };
}

/** @param kernels whose memory is used; afterwards it is free again */
export function rangeOfPlane(plane: Float32Array, kernels: Kernels): Range {
  const found = known.get(plane) ?? kernels.within(() => quickRange(plane, kernels)) ?? rangeOf(plane);
  known.set(plane, found);
  return found;
}

/** As `rangeOf` to 12 digits, by the kernels: every step of every analysis is recorded. Null where a value is not finite. */
function quickRange(plane: Float32Array, kernels: Kernels): Range | null {
  const { length } = plane;
  const values = kernels.room(4 * length);
  const pair = kernels.room(16);
  values.float32(length).set(plane);
  const [from, out] = [values.at(4 * length), pair.at(16)];
  if (kernels.run.extremes(from, length, out) === 0) return null;
  const [min = 0, max = 0] = pair.float64(2);
  const origin = (min + max) / 2;
  kernels.run.moments(from, length, origin, out);
  const [deviations = 0, squares = 0] = pair.float64(2);
  const offset = deviations / length;
  const variance = Math.max(squares / length - offset * offset, 0);
  return { mean: origin + offset, std: Math.sqrt(variance), min, max };
}

/** Histogram of each channel's 256 levels, one after another. */
function countLevels(data: Uint8Array, channels: number): Uint32Array {
  const counts = new Uint32Array(256 * channels);
  if (channels === 3) return countThree(data, counts);
  for (let i = 0; i < data.length; i += channels)
    for (let channel = 0; channel < channels; channel++) {
      const at = 256 * channel + (data[i + channel] as number);
      counts[at] = (counts[at] as number) + 1;
    }
  return counts;
}

/** The same of three channels, whose counts come one after another. */
function countThree(data: Uint8Array, counts: Uint32Array): Uint32Array {
  const { length } = data;
  for (let i = 0; i + 2 < length; i += 3) {
    const red = data[i] as number;
    const green = 256 + (data[i + 1] as number);
    const blue = 512 + (data[i + 2] as number);
    counts[red] = (counts[red] as number) + 1;
    counts[green] = (counts[green] as number) + 1;
    counts[blue] = (counts[blue] as number) + 1;
  }
  return counts;
}

function rangeOfLevels(counts: Uint32Array): Range {
  const total = counts.reduce((a, b) => a + b, 0);
  const mean = counts.reduce((sum, count, level) => sum + count * level, 0) / total;
  const squares = counts.reduce((sum, count, level) => sum + count * (level - mean) ** 2, 0);
  const min = counts.findIndex((count) => count > 0);
  const max = counts.findLastIndex((count) => count > 0);
  return { mean, std: Math.sqrt(squares / total), min, max };
}
