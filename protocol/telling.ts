/**
 * Which layer's heatmap represents a report where there is room for one picture: the same in the panel,
 * lists, other editors and answers to agents.
 */
import type { PartialLayer } from './answers';
import { kindOf } from './layer-kind';

/**
 * Whether its first heatmap shows where. Whether a map is blank is not known until it is drawn, so a layer
 * counts until then.
 */
export function isTelling(layer: PartialLayer): boolean {
  const [first] = layer.heatmaps;
  return kindOf(layer) === 'map' && first?.blank !== true && Number(first?.cam.max ?? 0) > 0;
}

/** The last such layer of the forward pass, as Grad-CAM's authors use the last convolution. */
export const tellingLayer = <Layer extends PartialLayer>(layers: readonly Layer[]): Layer | null =>
  layers.findLast(isTelling) ?? null;
