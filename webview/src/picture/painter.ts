/** Colors maps with the kernels that draw the report's pictures, so that the pixels are the same. */
import { WHITE } from '../../../painting/levels';
import { PixelKernels, type KernelExports, type Room } from '../../../painting/kernels';
import { Heatmaps, ScaledMaps, type Heatmap } from '../../../painting/heatmap';
import type { FloatMap } from './floatMap';
import { kernelBytes } from './kernel-bytes';
import { palette, type Palette, type PaletteName } from './palettes';

/** What is colored: values, and those at the ends of the color table. */
export interface Colorable {
  readonly values: Float32Array;
  readonly range: { readonly min: number; readonly max: number };
}

type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** Enlarges maps to one size. */
interface Sized {
  readonly heatmaps: Heatmaps;
  readonly activations: ScaledMaps;
}

const COLORS = 256;

export class Painter {
  private readonly kernels: PixelKernels;
  private readonly sizes = new Map<string, Sized>();
  private readonly tables = new Map<PaletteName, Palette>();
  private readonly values: Room;
  private readonly colors: Room;
  private readonly picture: Room;
  private readonly out: Room;
  private passed = new Float32Array(0);
  private drawn: Rgba = new Uint8ClampedArray(0);
  private placed: { readonly table: Palette | null; readonly picture: Rgba | null } = {
    table: null,
    picture: null,
  };

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes));
    this.kernels = new PixelKernels(
      exports as unknown as KernelExports,
      (needs, has) => new Error(`Drawing needs ${needs} MB more memory than the ${has} MB it has.`),
    );
    this.values = this.kernels.room(0);
    this.colors = this.kernels.room(4 * COLORS);
    this.picture = this.kernels.room(0);
    this.out = this.kernels.room(0);
  }

  /** Enlarged as the report draws it: through ReLU and blurred. The values are overwritten by the next map. */
  heatmap(map: FloatMap, width: number, height: number): Heatmap {
    return this.sized(width, height).heatmaps.of(map, true);
  }

  /** Enlarged. The values are overwritten by the next map. */
  activation(map: FloatMap, width: number, height: number): Heatmap {
    return this.sized(width, height).activations.of(map);
  }

  /** Of values that are drawn before another map is: a copy that the next one overwrites, so that no memory is taken for each picture. */
  passing(values: Float32Array): Float32Array {
    if (this.passed.length < values.length) this.passed = new Float32Array(values.length);
    const copy = this.passed.subarray(0, values.length);
    copy.set(values);
    return copy;
  }

  /** RGBA, overwritten by the next picture. */
  colored({ values, range }: Colorable, name: PaletteName): Rgba {
    const [from, scale, colors, out] = this.place(values, range, name);
    this.kernels.run.colored(from, values.length, range.min, scale, colors, out);
    return this.pixels(values.length);
  }

  /** RGBA, half and half over a picture: the report's own overlay. Overwritten by the next picture. @param picture RGBA of the same size */
  blended({ values, range }: Colorable, name: PaletteName, picture: Rgba): Rgba {
    const [from, scale, colors, out] = this.place(values, range, name);
    const bytes = this.picture.fit(picture.length);
    if (this.placed.picture !== picture) this.picture.bytes(picture.length).set(picture);
    this.placed = { ...this.placed, picture };
    this.kernels.run.blended(from, values.length, range.min, scale, bytes, colors, out);
    return this.pixels(values.length);
  }

  private place(values: Float32Array, { min, max }: Colorable['range'], name: PaletteName) {
    this.out.fit(4 * values.length);
    this.picture.fit(4 * values.length);
    this.values.float32(values.length).set(values);
    const table = this.tables.get(name) ?? palette(name);
    this.tables.set(name, table);
    if (this.placed.table !== table) {
      const colors = this.colors.bytes(4 * COLORS);
      for (let i = 0; i < COLORS; i++) {
        colors.set(table.subarray(3 * i, 3 * i + 3), 4 * i);
        colors[4 * i + 3] = 255;
      }
      this.placed = { ...this.placed, table };
    }
    return [this.values.at(0), WHITE / (max - min), this.colors.at(0), this.out.at(0)] as const;
  }

  private pixels(count: number): Rgba {
    if (this.drawn.length !== 4 * count) this.drawn = new Uint8ClampedArray(4 * count);
    this.drawn.set(this.out.bytes(4 * count));
    return this.drawn;
  }

  private sized(width: number, height: number): Sized {
    const key = `${width}x${height}`;
    const known = this.sizes.get(key);
    if (known) return known;
    const made = {
      heatmaps: new Heatmaps(this.kernels, width, height),
      activations: new ScaledMaps(this.kernels, width, height),
    };
    this.sizes.set(key, made);
    return made;
  }
}
