/** The pictures of one layer: its activation in VIRIDIS and one heatmap overlay in JET a method. */

import type { CamMethod } from '../../../protocol/report';
import { COLOR_MAPS } from '../imaging/color-maps';
import { Heatmaps, ScaledMaps, minMax, squareOf } from '../../../painting/heatmap';
import type { FloatMap, RgbImage } from '../imaging/image';
import type { Room } from '../imaging/kernels';
import { PngEncoder, placeColors } from '../imaging/png/encoder';
import { barMap, isFlat } from './bar-map';

export type VectorDrawing = 'bars' | 'square';

export interface LayerMaps {
  /** Channel mean of the activation; for a vector, its values as one row. */
  readonly activation: FloatMap;
  /** Raw class activation maps before ReLU; for a vector, activation times gradient as one row. */
  readonly cams: readonly { readonly method: CamMethod; readonly map: FloatMap }[];
  /**
   * Of layers without spatial axes, such as (1, 2048), whose maps have no ReLU: bars; or values that fill a square over the picture, as the
   * reference draws them. Null for all others.
   */
  readonly vector: VectorDrawing | null;
}

/** PNG files. */
export interface LayerPictures {
  readonly activation: Uint8Array;
  /** Over the crop, one for each CAM in order, and whether it shows nothing. */
  readonly overlays: readonly { readonly picture: Uint8Array; readonly blank: boolean }[];
}

/** Draws layer after layer over a crop and at its size, in the same working memory. */
export class LayerPainter {
  readonly width: number;
  readonly height: number;
  private readonly png = new PngEncoder();
  private readonly crop: Room;
  private readonly jet: Room;
  /** Of bars. */
  private readonly levels: Room;
  private readonly heatmaps: Heatmaps;
  private readonly activations: ScaledMaps;

  constructor(image: RgbImage) {
    const { kernels } = this.png;
    const { width, height, data } = image;
    this.width = width;
    this.height = height;
    this.crop = kernels.room(data.length);
    this.levels = kernels.room(0);
    this.jet = placeColors(kernels, COLOR_MAPS.jet);
    this.heatmaps = new Heatmaps(kernels, width, height);
    this.activations = new ScaledMaps(kernels, width, height);
    this.place(image);
  }

  /** Goes on over another crop of the same size. */
  place({ width, height, data }: RgbImage): void {
    if (width !== this.width || height !== this.height)
      throw new RangeError(`A crop of ${width}x${height} came to a painter of ${this.width}x${this.height}.`);
    this.crop.bytes(data.length).set(data);
  }

  paint({ activation, cams, vector }: LayerMaps): LayerPictures {
    return {
      activation:
        vector === 'bars'
          ? this.bars(activation.data)
          : this.activation(vector === null ? activation : squareOf(activation.data)),
      overlays: cams.map(({ map }) => this.paintCam(map, vector)),
    };
  }

  /** Only one heatmap, as `paint` draws it. */
  paintCam(map: FloatMap, vector: LayerMaps['vector']): LayerPictures['overlays'][number] {
    if (vector === 'bars') return { picture: this.bars(map.data), blank: isFlat(map.data) };
    return vector === null ? this.overlay(map, true) : this.overlay(minMax(squareOf(map.data)), false);
  }

  /** Of each CAM in order whether its picture would show nothing. */
  blanks({ cams, vector }: LayerMaps): readonly boolean[] {
    return cams.map(({ map }) => {
      if (vector === 'bars') return isFlat(map.data);
      return vector === null
        ? this.heatmaps.isBlank(map, true)
        : this.heatmaps.isBlank(minMax(squareOf(map.data)));
    });
  }

  private bars(values: Float32Array): Uint8Array {
    const map = barMap(values, this.width, this.height);
    this.levels.float32(map.data.length).set(map.data);
    return this.png.map({ room: this.levels, min: 0, max: 1 }, this.width, this.height, COLOR_MAPS.gray);
  }

  private activation(map: FloatMap): Uint8Array {
    return this.png.map(this.activations.of(map), this.width, this.height, COLOR_MAPS.viridis);
  }

  /** @param rectified through ReLU */
  private overlay(map: FloatMap, rectified: boolean): { picture: Uint8Array; blank: boolean } {
    const heat = this.heatmaps.of(map, rectified);
    return {
      picture: this.png.overlay(heat, this.width, this.height, this.crop, this.jet),
      blank: heat.blank,
    };
  }
}
