/** A report of 3,000 layers, to see what becomes slow with their number. */
import type { Report } from '../../protocol/report';

export const MANY_LAYERS = 3000;

/** The layers of a report again and again, with names of their own. */
export function withManyLayers(report: Report): Report {
  const { layers } = report;
  const many = Array.from({ length: MANY_LAYERS }, (_, i) => {
    const layer = layers[i % layers.length];
    if (!layer) throw new Error('The report has no layers.');
    return { ...layer, name: `stage${Math.floor(i / layers.length)}.${layer.name}` };
  });
  return { ...report, layers: many };
}
