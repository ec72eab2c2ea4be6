/** Step C: each plane blended with its wavelet approximation, (cA + plane) / 2. */
import type { WaveletReport } from '../../../../protocol/report';
import { LensError } from '../../errors';
import type { FloatMap, GreyImage, RgbImage } from '../../imaging/image';
import { bilinearBands } from '../../imaging/heatmap';
import { Kernels } from '../../imaging/kernels';
import { Resampler } from '../../imaging/resample';
import { waveletPlanePath, reportPaths } from '../../report/paths';
import { WaveletTransform } from '../../wavelet/dwt2';
import type { WaveletName } from '../../wavelet/filters';
import { WAVELET_NAMES } from '../../wavelet/filters';
import type { ExtensionMode } from '../../wavelet/modes';
import { EXTENSION_MODES } from '../../wavelet/modes';
import type { Recipe } from '../recipe';
import type { Plane, Planes } from './tensor';
import { momentsOf, planesInOrder } from './tensor';

/** Low-pass gain of an orthogonal wavelet in two dimensions: the approximation of a constant is twice the constant. */
const GAIN = 2;

export interface WaveletStep {
  readonly name: WaveletName;
  readonly mode: ExtensionMode;
  /** cA stretched back to the plane's size. */
  readonly approximations: Planes;
  /** What goes on to the network. */
  readonly blended: Planes;
}

/**
 * @param kernels whose memory is used; afterwards it is free again
 * @throws LensError of kind `usage` if the recipe names a wavelet or mode that does not exist
 */
export function waveletStep(
  planes: Planes,
  wavelet: NonNullable<Recipe['wavelet']>,
  kernels = new Kernels(),
): WaveletStep {
  return kernels.within(() => transformed(planes, wavelet, kernels));
}

function transformed(planes: Planes, wavelet: NonNullable<Recipe['wavelet']>, kernels: Kernels): WaveletStep {
  const name = known('wavelet', wavelet.name, WAVELET_NAMES);
  const mode = known('wavelet mode', wavelet.mode, EXTENSION_MODES);
  const { width, height } = planes.red;
  const transform = new WaveletTransform(kernels, name, mode);
  const resampler = new Resampler(kernels, width, height, bilinearBands);
  const approximate = (plane: FloatMap): FloatMap => {
    const small = transform.approximation(plane);
    resampler.load(small);
    return {
      width,
      height,
      data: resampler
        .resample(small)
        .room.float32(width * height)
        .slice(),
    };
  };
  const approximations = each(planes, approximate);
  const blended = each(planes, (plane, colour) => halfSum(plane, approximations[colour]));
  return { name, mode, approximations, blended };
}

/** The labels of the reference's report, by position in the tensor: it calls the first plane red whatever it holds. */
const labels = [
  { label: 'cA_r', labelColour: 'red' },
  { label: 'cA_g', labelColour: 'green' },
  { label: 'cA_b', labelColour: 'blue' },
] as const;

export const waveletLabels = (position: number): (typeof labels)[number] => labels[position] ?? labels[0];

export function describeWavelet(step: WaveletStep, recipe: Pick<Recipe, 'channelOrder'>): WaveletReport {
  return {
    wavelet: step.name,
    mode: step.mode,
    planes: planesInOrder(recipe.channelOrder).map((plane, position) => {
      const { label, labelColour } = waveletLabels(position);
      const picture = waveletPlanePath(labelColour);
      return { label, labelColour, plane, picture, ...momentsOf(step.approximations[plane].data) };
    }),
    pictures: { processed: reportPaths.processed },
  };
}

/** The blended planes in true colours, on a fixed scale: full brightness is (GAIN + 1) / 2 of the image's. */
export function blendedPicture({ blended }: WaveletStep): RgbImage {
  const { width, height } = blended.red;
  const data = new Uint8Array(width * height * 3);
  const scale = 255 / ((GAIN + 1) / 2);
  ([blended.red, blended.green, blended.blue] as const).forEach((plane, channel) => {
    toBytes(plane.data, scale, data, channel, 3);
  });
  return { width, height, data };
}

/** One approximation as grey levels, on a fixed scale: white is GAIN. */
export function approximationPicture({ width, height, data }: FloatMap): GreyImage {
  const levels = new Uint8Array(data.length);
  toBytes(data, 255 / GAIN, levels, 0, 1);
  return { width, height, data: levels };
}

/** round(value * scale), clamped to 0..255, into every `step`-th byte from `start` on. */
function toBytes(values: Float32Array, scale: number, out: Uint8Array, start: number, step: number): void {
  for (let i = 0, o = start; i < values.length; i++, o += step) {
    const level = (values[i] as number) * scale + 0.5;
    out[o] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
}

const each = (planes: Planes, change: (plane: FloatMap, colour: Plane) => FloatMap): Planes => ({
  red: change(planes.red, 'red'),
  green: change(planes.green, 'green'),
  blue: change(planes.blue, 'blue'),
});

function halfSum(a: FloatMap, b: FloatMap): FloatMap {
  const data = new Float32Array(a.data.length);
  halfSums(a.data, b.data, data);
  return { width: a.width, height: a.height, data };
}

function halfSums(a: Float32Array, b: Float32Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = ((a[i] as number) + (b[i] as number)) / 2;
}

function known<T extends string>(what: string, name: string, names: readonly T[]): T {
  const found = names.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  throw new LensError('usage', `There is no ${what} "${name}".`, {
    fix: `Choose one of: ${names.join(', ')}.`,
  });
}
