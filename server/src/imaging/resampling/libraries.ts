/** Resizing 8-bit pixels as Pillow and OpenCV do. */
import { resizeLinear } from '../resize';
import type { Filter } from './filters';
import { BOX, CUBIC, LANCZOS, TRIANGLE } from './filters';
import { nearestSamples, resizePillow } from './pillow';
import { pickPixels } from './pick';
import type { PixelGrid } from './pixels';

export type FilterName = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos' | 'area';

/** Whose arithmetic, and which of it. */
export interface Resampling {
  readonly like: 'pillow' | 'opencv';
  readonly filter: FilterName;
  readonly antialias: boolean;
}

export const PILLOW_FILTERS: Readonly<Record<Exclude<FilterName, 'nearest'>, Filter>> = {
  bilinear: TRIANGLE,
  bicubic: CUBIC,
  lanczos: LANCZOS,
  area: BOX,
};

export function resizePixels(
  source: PixelGrid,
  width: number,
  height: number,
  { like, filter }: Resampling,
): PixelGrid {
  if (like === 'opencv') return resizeLinear(source, width, height);
  return filter === 'nearest'
    ? pickPixels(source, nearestSamples(source.width, width), nearestSamples(source.height, height))
    : resizePillow(source, width, height, PILLOW_FILTERS[filter]);
}
