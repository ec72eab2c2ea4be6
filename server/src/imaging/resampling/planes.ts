/** Resizing float32 planes: sums in float64, within 1e-6 of the range of what each library gives in float32. */
import type { Kernels } from '../kernels';
import { Separable } from '../../../../painting/separable';
import type { Resampling } from './choices';
import { opencvFilter, pickerOf, pillowFilter, torchFilter } from './choices';
import { opencvTaps } from './opencv';
import { areaTapsOf } from './opencv-area';
import { pickPlane } from './pick';
import type { Part } from './pillow';
import { antialiasedTaps } from './pillow';
import type { RealTaps } from './taps';
import { banded } from './taps';
import { torchTaps } from './torch';

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
  const samples = pickerOf(how);
  if (samples !== null) {
    const [columns, rows] = [samples(from.width, to.width), samples(from.height, to.height)];
    return planes.map((plane) => pickPlane(plane, from.width, columns, rows));
  }
  const { columns, rows } =
    how.part === undefined ? tapsOf(from, to, how) : partTaps(from, to, how.part, how.filter);
  const [across, down] = [banded(columns), banded(rows)];
  return kernels.within(() => {
    const separable = new Separable(kernels);
    const out = kernels.room(4 * to.width * to.height);
    return planes.map((data) => {
      separable.load(data);
      return separable
        .apply(from, across, down, out)
        .room.float32(to.width * to.height)
        .slice();
    });
  });
}

function tapsOf(
  from: Size,
  to: Size,
  { like, filter, antialias }: Resampling,
): { readonly columns: RealTaps; readonly rows: RealTaps } {
  const both = (taps: (from: number, to: number) => RealTaps) => ({
    columns: taps(from.width, to.width),
    rows: taps(from.height, to.height),
  });
  if (like === 'torch') return both((a, b) => torchTaps(a, b, torchFilter(filter), antialias));
  if (like === 'pillow') return both((a, b) => antialiasedTaps(a, b, pillowFilter(filter)));
  const kind = opencvFilter(filter);
  return kind === 'area' ? areaTapsOf(from, to) : both((a, b) => opencvTaps(a, b, kind, true));
}

/** Pillow's, of a part. */
function partTaps(
  from: Size,
  to: Size,
  part: Part,
  filter: Resampling['filter'],
): { readonly columns: RealTaps; readonly rows: RealTaps } {
  const kind = pillowFilter(filter);
  return {
    columns: antialiasedTaps(from.width, to.width, kind, part.x, part.width),
    rows: antialiasedTaps(from.height, to.height, kind, part.y, part.height),
  };
}
