/** What of a layer can be drawn: a map over the picture, one position that cannot say where, or values without any. */
import type { PartialLayer } from './answers';

export type LayerKind = 'map' | 'pixel' | 'vector';

/** A vector's slice is one row as long as the layer has values; tokens and channels last say their grid. */
export function kindOf({ shape, grid, activation: { map } }: PartialLayer): LayerKind {
  if (shape.length !== 4 && grid === undefined) return 'vector';
  return map.width * map.height === 1 ? 'pixel' : 'map';
}
