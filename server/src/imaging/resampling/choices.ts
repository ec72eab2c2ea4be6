/** What can be chosen of resampling: libraries, filters, paths. */
import type { Filter } from './filters';
import { BOX, CUBIC, LANCZOS, TRIANGLE } from './filters';
import { opencvNearest } from './opencv';
import type { Part } from './pillow';
import { nearestSamples } from './pillow';
import type { TorchFilter } from './torch';
import { torchNearest } from './torch';

export type Library = 'pillow' | 'opencv' | 'torch';
export type FilterName = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos' | 'area';

/** Whose arithmetic, and which of it. */
export interface Resampling {
  readonly like: Library;
  readonly filter: FilterName;
  readonly antialias: boolean;
  /** Of torch on 8-bit pixels. */
  readonly path: 'float' | 'uint8';
  /** Of Pillow: the part of the picture that is resized; all of it where it is left out. */
  readonly part?: Part;
}

/** Which samples the nearest ones are. */
export const NEAREST = { pillow: nearestSamples, opencv: opencvNearest, torch: torchNearest } as const;

export const PILLOW_FILTERS: Readonly<Record<Exclude<FilterName, 'nearest'>, Filter>> = {
  bilinear: TRIANGLE,
  bicubic: CUBIC,
  lanczos: LANCZOS,
  area: BOX,
};

/** @throws RangeError for a filter that torch does not have: a lens that asks for one is refused before */
export function torchFilter(filter: FilterName): TorchFilter {
  if (filter === 'bilinear' || filter === 'bicubic') return filter;
  throw new RangeError(`torch has no filter "${filter}".`);
}
