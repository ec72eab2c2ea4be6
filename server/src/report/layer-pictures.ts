/** The pictures of one layer: its activation in VIRIDIS and one heatmap overlay in JET a method. */

import type { CamMethod } from '../../../protocol/report';
import { COLOUR_MAPS } from '../imaging/colour-maps';
import { Heatmaps, ScaledMaps, minMax, relu, squareOf } from '../imaging/heatmap';
import type { FloatMap, RgbImage } from '../imaging/image';
import { blend, toLevels } from '../imaging/overlay';
import { packColours, packRgb } from '../imaging/packed';
import { PngEncoder } from '../imaging/png-encoder';

export interface LayerMaps {
  /** Channel mean of the activation; for a vector, its values as one row. */
  readonly activation: FloatMap;
  /** Raw class activation maps before ReLU; for a vector, activation times gradient as one row. */
  readonly cams: readonly { readonly method: CamMethod; readonly map: FloatMap }[];
  /** True for layers without spatial axes, such as (1, 2048): values fill a square, and there is no ReLU. */
  readonly vector: boolean;
}

/** PNG files. */
export interface LayerPictures {
  readonly activation: Uint8Array;
  /** Over the crop, one for each CAM in order, and whether it shows nothing. */
  readonly overlays: readonly { readonly picture: Uint8Array; readonly blank: boolean }[];
}

/** Draws layer after layer over one crop and at its size, in the same working memory. */
export class LayerPainter {
  private readonly width: number;
  private readonly height: number;
  private readonly crop: Int32Array;
  private readonly jet = packColours(COLOUR_MAPS.jet);
  private readonly heatmaps: Heatmaps;
  private readonly activations: ScaledMaps;
  private readonly png = new PngEncoder();
  private readonly pixels: Int32Array;
  private readonly levels: Uint8Array;

  constructor({ width, height, data }: RgbImage) {
    this.width = width;
    this.height = height;
    this.crop = new Int32Array(width * height);
    packRgb(data, this.crop);
    this.heatmaps = new Heatmaps(width, height);
    this.activations = new ScaledMaps(width, height);
    this.pixels = new Int32Array(width * height);
    this.levels = new Uint8Array(width * height);
  }

  paint({ activation, cams, vector }: LayerMaps): LayerPictures {
    return {
      activation: this.activation(vector ? squareOf(activation.data) : activation),
      overlays: cams.map(({ map }) => this.overlay(vector ? minMax(squareOf(map.data)) : relu(map))),
    };
  }

  private activation(map: FloatMap): Uint8Array {
    const { width, height, levels } = this;
    toLevels(this.activations.of(map), levels);
    return this.png.indexed({ width, height, data: levels }, COLOUR_MAPS.viridis);
  }

  private overlay(map: FloatMap): { picture: Uint8Array; blank: boolean } {
    const { width, height, pixels } = this;
    const heat = this.heatmaps.of(map);
    blend(this.crop, heat, this.jet, pixels);
    return { picture: this.png.packed(width, height, pixels), blank: heat.blank };
  }
}
