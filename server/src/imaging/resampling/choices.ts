/** What can be chosen of resampling: libraries, filters, paths. */
import type { FilledStep } from '../../../../protocol/steps';
import type { Filter } from './filters';
import { BOX, CUBIC, HAMMING, LANCZOS, TRIANGLE } from './filters';
import { opencvNearest } from './opencv';
import type { Part } from './pillow';
import { nearestSamples } from './pillow';
import type { TorchFilter } from './torch';
import { torchNearest, torchNearestExact } from './torch';

export type Library = FilledStep<'resize'>['like'];
export type FilterName = FilledStep<'resize'>['filter'];

type Picking = 'nearest' | 'nearest-exact';
type Weighing = Exclude<FilterName, Picking>;

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

/** The sample of the source that each output is, along one axis. */
type Picker = (sourceLength: number, length: number) => Int32Array;

const NEAREST: Readonly<Record<Library, Picker>> = {
  ...{ pillow: nearestSamples, opencv: opencvNearest, torch: torchNearest },
};

/** Of filters that pick samples; null for those that weigh them. */
export function pickerOf({ like, filter }: Pick<Resampling, 'like' | 'filter'>): Picker | null {
  if (filter === 'nearest') return NEAREST[like];
  return filter === 'nearest-exact' ? torchNearestExact : null;
}

const PILLOW_FILTERS: Readonly<Record<Weighing, Filter>> = {
  bilinear: TRIANGLE,
  bicubic: CUBIC,
  lanczos: LANCZOS,
  area: BOX,
  hamming: HAMMING,
};

/** @throws RangeError for the filters that pick samples */
export function pillowFilter(filter: FilterName): Filter {
  if (filter !== 'nearest' && filter !== 'nearest-exact') return PILLOW_FILTERS[filter];
  throw new RangeError('The nearest samples are picked, not weighted.');
}

/** @throws RangeError for a filter that torch does not have: a lens that asks for one is refused before */
export function torchFilter(filter: FilterName): TorchFilter {
  if (filter === 'bilinear' || filter === 'bicubic') return filter;
  throw new RangeError(`torch has no filter "${filter}".`);
}

/** @throws RangeError likewise */
export function opencvFilter(filter: FilterName): 'bilinear' | 'bicubic' | 'lanczos' | 'area' {
  if (filter === 'bilinear' || filter === 'bicubic' || filter === 'lanczos' || filter === 'area')
    return filter;
  throw new RangeError(`OpenCV has no filter "${filter}".`);
}
