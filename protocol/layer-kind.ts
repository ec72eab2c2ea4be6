/**
 * What can be drawn of a layer: a map over the picture, a single position, which cannot say where, or values
 * without positions.
 */
import type { PartialLayer } from './answers';

export type LayerKind = 'map' | 'pixel' | 'vector';

/** A vector's slice is one row as long as the layer has values; tokens and channels last say their grid. */
export function kindOf({ shape, grid, activation: { map } }: PartialLayer): LayerKind {
  if (shape.length !== 4 && grid === undefined) return 'vector';
  return map.width * map.height === 1 ? 'pixel' : 'map';
}
