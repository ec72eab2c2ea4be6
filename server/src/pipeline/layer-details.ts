/** What the inspector shows of one layer beyond the report: the activation's histogram and its leading channels. */
import { readMapBytes } from '../../../files/report-folder';
import type { LayerReport, Report } from '../../../protocol/report';
import type { LayerDetails } from '../../../protocol/requests';
import { readSlice } from '../report/maps-file';
import type { ModelStore } from '../store/store';
import { requireRead, strokesOf } from './again';
import { forward } from './network/forward';
import { memoryLimit } from './network/memory-limit';
import type { Recent } from './recent';
import { layerOf, otherNetwork, repeatInput, reportIn } from './repeat';

/** Enough to see a shape, few enough to draw. */
const BINS = 64;

export interface LayerQuestion {
  /** The report folder. */
  readonly folder: string;
  readonly layer: string;
  /** How many channels to return. */
  readonly channels: number;
  /** MB that the network may take: this machine's setting, never the report's. Half of the memory where it is left out. */
  readonly memoryLimit?: number | null;
}

/**
 * Repeats the forward pass from the report's own image, box and weights, unless its activations are cached.
 * @throws LensError of kind `image` or `model` if they changed since, `usage` if the report has no such layer
 */
export async function layerDetails(
  { folder, layer, channels, memoryLimit: memory = null }: LayerQuestion,
  store: ModelStore,
  kept: Recent<Activations>,
  signal?: AbortSignal,
): Promise<LayerDetails> {
  const report = await reportIn(folder);
  const row = layerOf(folder, report, layer);
  const activations = await kept.of(keyOf(report), () =>
    computeActivations(folder, report, layer, store, memory, signal),
  );
  const activation = activations.get(layer);
  // From here on the shape is known to be the network's own, and so is the number of weights to read.
  if (activation?.length !== valuesOf(row))
    throw otherNetwork(folder, `a layer "${layer}" of ${row.shape.join(' x ')}`);
  return {
    layer,
    histogram: histogramOf(activation),
    channels: leadingChannels(row, activation, await weightsOf(folder, report, row), channels),
  };
}

/** Mean gradient of each channel, as the report has it. */
export async function weightsOf(
  folder: string,
  report: Report,
  { channelWeights: slice }: LayerReport,
): Promise<Float32Array> {
  const bytes = requireRead(await readMapBytes(folder, report, slice));
  return readSlice(bytes, { ...slice, offset: 0 }).data;
}

/** Of the layers of a report, by name. */
export type Activations = ReadonlyMap<string, Float32Array>;

/** Bytes of all activations of a report above which only the requested layer is computed, and nothing is cached. */
const MOST_CACHED = 96e6;

/** Equal only where the network received the same numbers and holds the same weights: also for another target. */
const keyOf = (report: Report): string => {
  const { input, model, pipeline, detection, layers } = report;
  return JSON.stringify([
    input.sha256,
    strokesOf(report),
    model.sha256,
    model.architecture,
    pipeline,
    detection.crop,
    layers.map(({ name }) => name),
  ]);
};

/** The values that are shown: of tokens, those of the grid. */
const valuesOf = (layer: LayerReport): number => {
  const [channels, height, width] = planesOf(layer);
  return channels * height * width;
};

/** Channels, height and width, whatever the axes of the shape are. */
export function planesOf({
  shape,
  grid,
}: Pick<LayerReport, 'shape' | 'grid'>): readonly [number, number, number] {
  if (grid !== undefined) return [shape.at(-1) ?? 1, grid.height, grid.width];
  const [, channels = 1, height = 1, width = 1] = shape;
  return [channels, height, width];
}

const sizeOf = ({ layers }: Report): number => layers.reduce((sum, layer) => sum + 4 * valuesOf(layer), 0);

/** All layers at once where they fit: one run yields the others too. */
async function computeActivations(
  folder: string,
  report: Report,
  layer: string,
  store: ModelStore,
  memory: number | null,
  signal: AbortSignal | undefined,
): Promise<{ readonly value: Activations; readonly keep: boolean }> {
  const { network, tensor } = await repeatInput(folder, report, store, signal);
  const keep = sizeOf(report) <= MOST_CACHED;
  const names = new Set(keep ? report.layers.map(({ name }) => name) : [layer]);
  return { value: await forward(network, names, tensor, memoryLimit(memory)), keep };
}

/** Equal bins from the smallest to the largest finite value. */
export function histogramOf(values: Float32Array): LayerDetails['histogram'] {
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  const counts = new Array<number>(BINS).fill(0);
  if (min > max) return { min: 0, max: 0, counts };
  const scale = max > min ? BINS / (max - min) : 0;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    const bin = Math.min(Math.floor((v - min) * scale), BINS - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { min, max, counts };
}

/** Channels by falling |sum over positions of w_k A_k|, Grad-CAM's terms. */
export function leadingChannels(
  layer: Pick<LayerReport, 'shape' | 'grid'>,
  activation: Float32Array,
  weights: Float32Array,
  count: number,
): LayerDetails['channels'] {
  const [, height, width] = planesOf(layer);
  return rankedChannels(layer, activation, weights)
    .slice(0, Math.max(0, count))
    .map((channel) => ({
      ...channel,
      width,
      height,
      map: channelMap(activation, channel.index, height * width),
    }));
}

export interface RankedChannel {
  readonly index: number;
  /** Grad-CAM's: the mean of the gradient. */
  readonly weight: number;
  /** Of the sum of |w_k A_k| over all channels, -1..1. */
  readonly contribution: number;
}

/** Every channel, by falling |sum over positions of w_k A_k|. */
export function rankedChannels(
  layer: Pick<LayerReport, 'shape' | 'grid'>,
  activation: Float32Array,
  weights: Float32Array,
): readonly RankedChannel[] {
  const [channels, height, width] = planesOf(layer);
  const positions = height * width;
  const terms = Array.from({ length: channels }, (_, k) => {
    let sum = 0;
    for (let i = k * positions; i < (k + 1) * positions; i++) sum += activation[i] as number;
    return { index: k, weight: weights[k] ?? 0, term: (weights[k] ?? 0) * sum };
  });
  const total = terms.reduce((sum, { term }) => sum + Math.abs(term), 0);
  return terms
    .sort((a, b) => Math.abs(b.term) - Math.abs(a.term))
    .map(({ index, weight, term }) => ({ index, weight, contribution: total > 0 ? term / total : 0 }));
}

/** Values of one channel, base64. */
export function channelMap(activation: Float32Array, index: number, positions: number): string {
  const { buffer, byteOffset, byteLength } = activation.subarray(index * positions, (index + 1) * positions);
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
