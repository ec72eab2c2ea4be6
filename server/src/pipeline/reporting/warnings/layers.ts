/** Warnings about the layers: no gradient, values that are not finite, empty maps. */
import type { HeatmapReport, LayerReport } from '../../../../../protocol/report';
import type { Rule } from './rule';
import { rule, warn } from './rule';

export const layersRules: readonly Rule[] = [
  rule(['layers'], ({ layers }) => {
    const without = layers.filter(({ unexplained }) => unexplained !== undefined);
    const reasons = [...new Set(without.map(({ unexplained = '' }) => unexplained))];
    return without.length === 0
      ? null
      : warn(
          'no-gradient',
          `${without.length} of ${layers.length} layers have activations but no heatmaps. ${reasons.join(' ')}`,
          without.map(({ name }) => name),
        );
  }),

  rule(['layers'], ({ layers }) => {
    const [first, ...rest] = layers.filter(({ activation }) => activation.nan > 0 || activation.inf > 0);
    if (first === undefined) return null;
    const { nan, inf } = first.activation;
    return warn(
      'non-finite',
      `Values that are not finite appear first in ${first.name} (${nan} NaN, ${inf} infinite)` +
        `${rest.length > 0 ? ` and in ${rest.length} more layers` : ''}: everything after it is meaningless.`,
      [first, ...rest].map(({ name }) => name),
    );
  }),

  rule(['layers'], ({ layers }) => {
    const finite = ({ activation: { nan, inf } }: LayerReport): boolean => nan === 0 && inf === 0;
    const lost = layers.filter((layer) => finite(layer) && layer.heatmaps.some(isNotFinite));
    return lost.length > 0
      ? warn(
          'non-finite',
          `The gradients of ${lost.length} of ${layers.length} layers are not finite although their activations ` +
            'are: these heatmaps mean nothing.',
          lost.map(({ name }) => name),
        )
      : null;
  }),

  rule(['layers', 'methods'], ({ layers, methods }) => {
    const blank = layers.filter((layer) => isBlank(layer) && !layer.health.includes('single-pixel'));
    const negative = blank.filter(({ heatmaps }) => heatmaps[0]?.negative === 1);
    return blank.length > 0
      ? warn(
          'blank-cams',
          `${methods[0]} shows nothing for ${blank.length} of ${layers.length} layers` +
            `${negative.length > 0 ? `; in ${negative.length} of them every value was negative before ReLU` : ''}.`,
          blank.map(({ name }) => name),
        )
      : null;
  }),
];

const isNotFinite = ({ cam }: HeatmapReport): boolean =>
  typeof cam.mean !== 'number' || typeof cam.std !== 'number';

const isBlank = (layer: LayerReport): boolean => layer.heatmaps[0]?.blank === true;
