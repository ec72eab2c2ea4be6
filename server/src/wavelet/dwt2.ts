/** The two-dimensional discrete wavelet transform, one level, as PyWavelets' `dwt2`. */

import type { FloatMap } from '../imaging/image';
import type { Kernels, Room } from '../imaging/kernels';
import type { Taps } from '../../../painting/separable';
import { Separable } from '../../../painting/separable';
import type { FilterBank, WaveletName } from './filters';
import { filterBank } from './filters';
import type { ExtensionMode } from './modes';
import { sampleTaps } from './modes';

/** Each band has `coefficientCount` rows and columns. */
export interface Dwt2 {
  /** Low-pass both ways: the picture at half size, times 2. */
  readonly approximation: FloatMap;
  /** High-pass down the columns (cH): horizontal edges. */
  readonly horizontal: FloatMap;
  /** High-pass along the rows (cV): vertical edges. */
  readonly vertical: FloatMap;
  /** High-pass both ways (cD). */
  readonly diagonal: FloatMap;
}

/** One wavelet in one extension mode, for plane after plane. Sums in float64, stored as float32; planes are finite. */
export class WaveletTransform {
  private readonly bank: FilterBank;
  private readonly separable: Separable;
  private readonly out: Room;
  /** By filter and length of the side. */
  private readonly known = new Map<string, Taps>();

  constructor(
    kernels: Kernels,
    wavelet: WaveletName,
    private readonly mode: ExtensionMode,
  ) {
    this.bank = filterBank(wavelet);
    this.separable = new Separable(kernels);
    this.out = kernels.room(0);
  }

  /** `(cA, (cH, cV, cD)) = pywt.dwt2(map, wavelet, mode)` */
  dwt2(map: FloatMap): Dwt2 {
    this.load(map);
    return {
      approximation: this.band(map, 'low', 'low'),
      horizontal: this.band(map, 'low', 'high'),
      vertical: this.band(map, 'high', 'low'),
      diagonal: this.band(map, 'high', 'high'),
    };
  }

  /** Only cA, in a quarter of the time. */
  approximation(map: FloatMap): FloatMap {
    this.load(map);
    return this.band(map, 'low', 'low');
  }

  private load({ width, height, data }: FloatMap): void {
    if (width < 1 || height < 1) {
      throw new RangeError(`Cannot transform a ${width}x${height} plane: it holds no sample.`);
    }
    this.separable.load(data);
  }

  /** @param across along the rows; @param down along the columns */
  private band(map: FloatMap, across: keyof FilterBank, down: keyof FilterBank): FloatMap {
    const columns = this.taps(across, map.width);
    const rows = this.taps(down, map.height);
    this.separable.apply(map, columns, rows, this.out);
    const [width, height] = [columns.length, rows.length];
    return { width, height, data: this.out.float32(width * height).slice() };
  }

  private taps(filter: keyof FilterBank, length: number): Taps {
    const key = `${filter}:${length}`;
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = filterTaps(this.bank[filter], length, this.mode)));
    return found;
  }
}

/** Beyond the ends of mode `zero` any sample will do, times 0. */
function filterTaps(filter: Float64Array, length: number, mode: ExtensionMode): Taps {
  const span = filter.length;
  const samples = sampleTaps(length, span, mode);
  return {
    length: samples.length / span,
    span,
    indices: samples.map((at) => Math.max(at, 0)),
    weights: Float64Array.from(samples, (at, i) => (at < 0 ? 0 : (filter[i % span] as number))),
  };
}
