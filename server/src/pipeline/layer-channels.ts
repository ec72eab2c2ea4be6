/** Every channel of a layer, page by page: its map, its share of the heatmap, and its gradient. */
import { createHash } from 'node:crypto';
import type { Real, Report } from '../../../protocol/report';
import type { LayerChannels } from '../../../protocol/requests';
import type { ModelStore } from '../store/store';
import { strokesOf } from './again';
import { channelMap, planesOf, rankedChannels, weightsOf } from './layer-details';
import { layerPlanes, type LayerPlanes } from './layer-planes';
import type { Recent } from './recent';
import { layerOf, otherNetwork, reportIn } from './repeat';

/** Of the maps of one page; base64 takes a third more. */
const PAGE_BYTES = 4e6;
const PAGE_CHANNELS = 64;

/** Bytes of activation and gradient above which nothing is cached for the next page. */
const MOST_CACHED = 192e6;

export interface ChannelsQuestion {
  /** The report folder. */
  readonly folder: string;
  readonly layer: string;
  /** Rank of the page's first channel, from 0. */
  readonly from: number;
  /** As in `LayerQuestion`. */
  readonly memoryLimit?: number | null;
}

/**
 * Channels by falling share of the heatmap.
 * @throws LensError of kind `image` or `model` if they changed since the report was written, `usage` if it has no such layer
 */
export async function layerChannels(
  { folder, layer, from, memoryLimit = null }: ChannelsQuestion,
  store: ModelStore,
  recent: Recent<LayerPlanes>,
  signal?: AbortSignal,
): Promise<LayerChannels> {
  const report = await reportIn(folder);
  const row = layerOf(folder, report, layer);
  const question = { folder, report, layer: row, memoryLimit };
  const { activation, gradient } = await recent.of(keyOf(report, layer), async () => {
    const value = await layerPlanes(question, store, signal);
    return { value, keep: bytesOf(value) <= MOST_CACHED };
  });
  const [channels, height, width] = planesOf(row);
  const positions = height * width;
  if (activation.length !== channels * positions)
    throw otherNetwork(folder, `a layer "${layer}" of ${row.shape.join(' x ')}`);
  const ranked = rankedChannels(row, activation, await weightsOf(folder, report, row));
  const most = Math.max(1, Math.min(PAGE_CHANNELS, Math.floor(PAGE_BYTES / (4 * positions))));
  const page = ranked.slice(from, from + most);
  return {
    ...{ layer, from, total: channels },
    next: from + page.length < channels && page.length > 0 ? from + page.length : null,
    channels: page.map((channel) => ({
      ...{
        index: channel.index,
        weight: spelled(channel.weight),
        contribution: spelled(channel.contribution),
      },
      ...{ width, height, map: channelMap(activation, channel.index, positions) },
      gradient: gradient === null ? null : summary(gradient, channel.index, positions),
    })),
  };
}

const bytesOf = ({ activation, gradient }: LayerPlanes): number =>
  4 * activation.length * (gradient === null ? 1 : 2);

/** Equal only for the same numbers through the same network toward the same class. */
const keyOf = (report: Report, layer: string): string => {
  const { input, model, preprocess, detection, target } = report;
  return createHash('sha256')
    .update(
      JSON.stringify([
        input.sha256,
        strokesOf(report),
        model.sha256,
        model.architecture,
        preprocess.steps,
        detection.crop,
        target.index,
        layer,
      ]),
    )
    .digest('hex');
};

function summary(
  gradient: Float32Array,
  index: number,
  positions: number,
): NonNullable<LayerChannels['channels'][number]['gradient']> {
  let [min, max, negative] = [Infinity, -Infinity, 0];
  for (let i = index * positions; i < (index + 1) * positions; i++) {
    const value = gradient[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value < 0) negative++;
  }
  return { min: spelled(min), max: spelled(max), negative: negative / positions };
}

/** JSON has no NaN and no infinity. */
const spelled = (value: number): Real =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
