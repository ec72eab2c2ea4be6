/** What the inspector shows of one layer beyond the report: the activation's histogram and its leading channels. */
import { readMapBytes, readReportFolder } from '../../../files/report-folder';
import type { LayerReport, Report } from '../../../protocol/report';
import type { LayerDetails } from '../../../protocol/requests';
import { LensError } from '../errors';
import { optionsOf } from '../report/options';
import { readSlice } from '../report/maps-file';
import { cropRgb } from '../imaging/resize';
import type { ModelStore } from '../store/store';
import { changed, imageOf, requireRead } from './again';
import { forward } from './network/forward';
import { memoryLimit } from './network/memory-limit';
import { prepareInput } from './steps/preprocess';
import { recordedOutput, recordedSteps } from './recorded-lens';
import type { DefaultWeights } from './network/weights';
import { resolveWeights } from './network/weights';

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
 * Repeats the forward pass from the report's own image, box and weights, unless its activations are kept.
 * @throws LensError of kind `image` or `model` if they changed since, `usage` if the report has no such layer
 */
export async function layerDetails(
  { folder, layer, channels, memoryLimit: memory = null }: LayerQuestion,
  store: ModelStore,
  kept: CachedActivations,
  signal?: AbortSignal,
): Promise<LayerDetails> {
  const report = requireRead(await readReportFolder(folder));
  const row = report.layers.find(({ name }) => name === layer);
  if (row === undefined) throw noLayer(folder, report, layer);
  const activations = await kept.of(keyOf(report), () =>
    computeActivations(folder, report, layer, store, memory, signal),
  );
  const activation = activations.get(layer);
  // From here on the shape is the network's own, and with it how many weights there are to read.
  if (activation?.length !== valuesOf(row))
    throw otherNetwork(folder, `a layer "${layer}" of ${row.shape.join(' x ')}`);
  const slice = row.channelWeights;
  const bytes = requireRead(await readMapBytes(folder, report, slice));
  const weightsOfChannels = readSlice(bytes, { ...slice, offset: 0 }).data;
  return {
    layer,
    histogram: histogramOf(activation),
    channels: leadingChannels(row, activation, weightsOfChannels, channels),
  };
}

type Activations = ReadonlyMap<string, Float32Array>;

/** Bytes of all activations of a report above which only the layer that is asked for is computed, and nothing kept. */
const MOST_KEPT = 96e6;

/** The activations of the report that was asked about last: most questions come from a reader who goes from layer to layer. */
export class CachedActivations {
  private last: { readonly key: string; readonly activations: Activations } | null = null;

  /** What is kept under the key, else what `compute` gives, kept if it is all of them. */
  async of(
    key: string,
    compute: () => Promise<{ readonly activations: Activations; readonly whole: boolean }>,
  ): Promise<Activations> {
    if (this.last?.key === key) return this.last.activations;
    this.last = null; // before others take their room
    const { activations, whole } = await compute();
    if (whole) this.last = { key, activations };
    return activations;
  }

  /** Gives the memory back. */
  forget(): void {
    this.last = null;
  }
}

/** Equal only where the network received the same numbers and holds the same weights: also for another target. */
const keyOf = ({ input, model, pipeline, detection: { crop }, layers }: Report): string =>
  JSON.stringify([
    input.sha256,
    model.sha256,
    model.architecture,
    pipeline,
    crop,
    layers.map(({ name }) => name),
  ]);

/** Of what is shown: of tokens those of the grid. */
const valuesOf = (layer: LayerReport): number => {
  const [channels, height, width] = planesOf(layer);
  return channels * height * width;
};

/** Channels, height and width, whatever the axes of the shape are. */
function planesOf({ shape, grid }: Pick<LayerReport, 'shape' | 'grid'>): readonly [number, number, number] {
  if (grid !== undefined) return [shape.at(-1) ?? 1, grid.height, grid.width];
  const [, channels = 1, height = 1, width = 1] = shape;
  return [channels, height, width];
}

const sizeOf = ({ layers }: Report): number => layers.reduce((sum, layer) => sum + 4 * valuesOf(layer), 0);

/** All layers at once where they fit: the network is loaded for the first, and one run gives the others too. */
async function computeActivations(
  folder: string,
  report: Report,
  layer: string,
  store: ModelStore,
  memory: number | null,
  signal: AbortSignal | undefined,
): Promise<{ readonly activations: Activations; readonly whole: boolean }> {
  const preprocess = recordedSteps(report, folder);
  const image = await imageOf(report, signal);

  const weights = await resolveWeights(optionsOf(report, folder), demoOf(report), store);
  if (weights.path !== null && (await weights.sha256()) !== report.model.sha256)
    throw changed('model', weights.path);
  const { size: width, height = width, box } = report.detection.crop;
  const outputName = recordedOutput(report);
  const network = await weights.load({ inputSize: [height, width], outputName }, signal);
  const [, , rows, columns] = network.input.shape;
  if (rows !== height || columns !== width) throw otherNetwork(folder, `an input of ${width} x ${height}`);
  const region = { box, clamped: false, mode: 'whole', image: cropRgb(image, box) } as const;
  const { tensor } = prepareInput(region, { preprocess }, { width, height });
  const whole = sizeOf(report) <= MOST_KEPT;
  const names = new Set(whole ? report.layers.map(({ name }) => name) : [layer]);
  return { activations: await forward(network, names, tensor, memoryLimit(memory)), whole };
}

/** Demo weights of the same network; all others are named in full. */
const demoOf = ({ model, classifier }: Report): DefaultWeights => ({
  ...{ id: null, architecture: model.architecture, classes: classifier.logits.length },
  subject: 'The report',
});

const noLayer = (folder: string, { layers }: Report, layer: string): LensError =>
  new LensError('usage', `${folder}: the report has no layer "${layer}".`, {
    fix: `Ask for one of its ${layers.length} layers, such as "${layers.at(-1)?.name ?? ''}".`,
  });

/** The report was not made with this network, or was changed since. */
const otherNetwork = (folder: string, said: string): LensError =>
  new LensError('usage', `${folder}: the report has ${said}, which the network it names does not have.`, {
    fix: 'Analyze the image again to get a new report.',
  });

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
    .slice(0, Math.max(0, count))
    .map(({ index, weight, term }) => ({
      index,
      weight,
      contribution: total > 0 ? term / total : 0,
      width,
      height,
      map: base64(activation.subarray(index * positions, (index + 1) * positions)),
    }));
}

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
