/** Draws many layers over one crop: in this thread, and in a second one where there is one. */

import type { RgbImage } from '../imaging/image';
import type { LayerMaps, LayerPictures } from './layer-pictures';
import { Painters } from './drawing';
import type { Painting } from './painter-thread';

/** One layer being drawn and one queued, so that the thread is never idle. */
const AHEAD = 2;

/**
 * Hands the pictures of each layer to `done`, in whatever order they are finished; each thread takes the next layer once
 * `done` has returned for its last one. The first failure, of drawing or of `done`, stops both and is thrown.
 */
export async function paintLayers(
  crop: RgbImage,
  layers: readonly LayerMaps[],
  second: Painting | null,
  done: (index: number, pictures: LayerPictures) => Promise<void>,
  painters = new Painters(),
): Promise<void> {
  const here = painters.over(crop);
  let next = 0;
  const draw = async (paint: (layer: LayerMaps) => Promise<LayerPictures>): Promise<void> => {
    for (let index = next++; index < layers.length; index = next++) {
      try {
        await done(index, await paint(layers[index] as LayerMaps));
      } catch (error) {
        next = layers.length;
        throw error;
      }
    }
  };
  const lanes =
    second === null ? [] : Array.from({ length: AHEAD }, () => draw((layer) => second.paint(layer)));
  lanes.push(
    draw(async (layer) => {
      await new Promise((resolve) => setImmediate(resolve)); // what the other thread has finished comes first
      return here.paint(layer);
    }),
  );
  const settled = await Promise.allSettled(lanes);
  painters.back(here);
  for (const lane of settled) if (lane.status === 'rejected') throw lane.reason;
}
