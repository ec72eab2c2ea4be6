/** Each plane blended with its wavelet approximation, stretched back to its size: (cA + plane) / 2. */
import { bilinearBands } from '../../../../../painting/heatmap';
import type { FloatMap } from '../../../imaging/image';
import type { Kernels } from '../../../imaging/kernels';
import { Resampler } from '../../../../../painting/resample';
import { WaveletTransform } from '../../../wavelet/dwt2';
import type { WaveletName } from '../../../wavelet/filters';
import type { ExtensionMode } from '../../../wavelet/modes';
import type { Size } from '../step';

/** Low-pass gain of an orthogonal wavelet in two dimensions: the approximation of a constant is twice the constant. */
export const GAIN = 2;

export interface Blended {
  /** cA stretched back to the plane's size. */
  readonly approximations: readonly Float32Array[];
  /** The blended planes, the step's output. */
  readonly planes: readonly Float32Array[];
}

/** @param kernels whose memory is used; afterwards it is free again */
export function blend(
  planes: readonly Float32Array[],
  { width, height }: Size,
  name: WaveletName,
  mode: ExtensionMode,
  kernels: Kernels,
): Blended {
  return kernels.within(() => {
    const transform = new WaveletTransform(kernels, name, mode);
    const resampler = new Resampler(kernels, width, height, bilinearBands);
    const approximations = planes.map((data) => {
      const small: FloatMap = transform.approximation({ width, height, data });
      resampler.load(small);
      return resampler
        .resample(small)
        .room.float32(width * height)
        .slice();
    });
    return {
      approximations,
      planes: planes.map((plane, channel) => halfSum(plane, approximations[channel] as Float32Array)),
    };
  });
}

function halfSum(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length);
  halfSums(a, b, out);
  return out;
}

function halfSums(a: Float32Array, b: Float32Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = ((a[i] as number) + (b[i] as number)) / 2;
}
