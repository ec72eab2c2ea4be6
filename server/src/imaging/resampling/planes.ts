/** Resizing float32 planes: sums in float64, within 1e-6 of the range of what each library gives in float32. */
import { bilinearBands } from '../heatmap';
import type { Kernels } from '../kernels';
import { Resampler } from '../resample';
import type { Taps } from '../separable';
import { banded } from './fixed-point';
import type { Resampling } from './libraries';
import { PILLOW_FILTERS } from './libraries';
import { pickPlane } from './pick';
import { antialiasedTaps, nearestSamples } from './pillow';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @param kernels whose memory is used; afterwards it is free again */
export function resizePlanes(
  planes: readonly Float32Array[],
  from: Size,
  to: Size,
  how: Resampling,
  kernels: Kernels,
): readonly Float32Array[] {
  if (how.filter === 'nearest') {
    const columns = nearestSamples(from.width, to.width);
    const rows = nearestSamples(from.height, to.height);
    return planes.map((plane) => pickPlane(plane, from.width, columns, rows));
  }
  const taps = tapsOf(how);
  return kernels.within(() => {
    const resampler = new Resampler(kernels, to.width, to.height, taps);
    return planes.map((data) => {
      resampler.load({ ...from, data });
      return resampler
        .resample(from)
        .room.float32(to.width * to.height)
        .slice();
    });
  });
}

function tapsOf({ like, filter }: Resampling): (from: number, to: number) => Taps {
  if (like === 'opencv' || filter === 'nearest') return bilinearBands;
  return (from, to) => banded(antialiasedTaps(from, to, PILLOW_FILTERS[filter]));
}
