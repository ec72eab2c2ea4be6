/** Which layer's heatmap stands for a report where there is room for one picture. */
import type { LayerReport } from './layer-report';

/** Has a height and a width, and its first heatmap is not empty; of several the last of the forward pass is taken. */
export const isTelling = ({ shape, heatmaps }: LayerReport): boolean =>
  shape.length === 4 && heatmaps[0]?.blank === false;
