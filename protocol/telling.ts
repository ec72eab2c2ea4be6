/** Which layer's heatmap stands for a report where there is room for one picture: the same in panel, lists, editors and answers to agents. */
import type { PartialLayer } from './answers';
import { kindOf } from './layer-kind';

/**
 * Whether its first heatmap shows something at some place. Of a map that is not drawn yet, it is not known whether it is blank, so that
 * such a layer counts until it is.
 */
export function isTelling(layer: PartialLayer): boolean {
  const [first] = layer.heatmaps;
  return kindOf(layer) === 'map' && first?.blank !== true && Number(first?.cam.max ?? 0) > 0;
}

/** The last one of the forward pass, as Grad-CAM's authors look at the last convolution. */
export const tellingLayer = <Layer extends PartialLayer>(layers: readonly Layer[]): Layer | null =>
  layers.findLast(isTelling) ?? null;
