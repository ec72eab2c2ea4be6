/** The pictures of one layer: its activation in VIRIDIS and one heatmap overlay in JET a method. */

import type { CamMethod } from '../../../protocol/report';
import { COLOUR_MAPS } from '../imaging/colour-maps';
import { heatmap, minMax, relu, squareOf } from '../imaging/heatmap';
import type { FloatMap, RgbImage } from '../imaging/image';
import { overlay, toLevels } from '../imaging/overlay';
import { resizeMap } from '../imaging/resize';
import type { ArtifactWriter } from './artifacts';
import type { LayerPaths } from './paths';

export interface LayerMaps {
  /** Channel mean of the activation; for a vector, its values as one row. */
  readonly activation: FloatMap;
  /** Raw class activation maps before ReLU; for a vector, activation times gradient as one row. */
  readonly cams: readonly { readonly method: CamMethod; readonly map: FloatMap }[];
  /** True for layers without spatial axes, such as (1, 2048): values fill a square, and there is no ReLU. */
  readonly vector: boolean;
}

/**
 * Writes `activation.png` and every overlay over `crop`, at the crop's size.
 * Returns for each CAM, in order, whether its picture shows nothing.
 */
export async function writeLayerPictures(
  writer: ArtifactWriter,
  paths: LayerPaths,
  crop: RgbImage,
  layer: LayerMaps,
): Promise<boolean[]> {
  await writer.indexed(
    paths.activation,
    activationLevels(layer, crop.width, crop.height),
    COLOUR_MAPS.viridis,
  );
  const blanks: boolean[] = [];
  for (const [index, { method, map }] of layer.cams.entries()) {
    const heat = heatmap(layer.vector ? minMax(squareOf(map.data)).map : relu(map), crop.width, crop.height);
    blanks.push(heat.blank);
    await writer.rgb(paths.heatmap(method, index === 0), overlay(crop, heat.map, COLOUR_MAPS.jet));
  }
  return blanks;
}

/** Min-max scaled first, then resized: interpolation cannot leave 0..1. */
function activationLevels(layer: LayerMaps, width: number, height: number) {
  const map = layer.vector ? squareOf(layer.activation.data) : layer.activation;
  return toLevels(resizeMap(minMax(map).map, width, height));
}
