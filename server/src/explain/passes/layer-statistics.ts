/** Pass: a LayerNormalization yields its mean and inverse deviation, which its gradient would compute again. */
import type { GraphPass } from './pass';
import { replaced } from './pass';

/** With its two further outputs. */
const OUTPUTS = 3;

/**
 * They cost the forward pass nothing, and the backward pass (`autodiff/rules/normalization.ts`) three passes over the input less. Both passes then
 * see the same statistics.
 */
export const layerStatistics: GraphPass = {
  name: 'layer-statistics',
  stage: 'forward',
  layout: 'any',
  operators: ['LayerNormalization'],
  rewrite(norm, editor) {
    if (norm.outputs.length > 1) return 'it yields them already';
    if (editor.type(norm.outputs[0] ?? '') !== 'float32') return 'not float32';
    return replaced(norm, (emit) => {
      const attributes = Object.fromEntries(norm.attributes);
      return emit.ops('LayerNormalization', norm.inputs, attributes, OUTPUTS)[0] ?? '';
    });
  },
};
