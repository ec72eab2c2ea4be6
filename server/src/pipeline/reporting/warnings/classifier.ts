/** Of the verdict: what it is made of, and where there is none. */
import type { Rule } from './rule';
import { number, rule, warn } from './rule';

export const classifierRules: readonly Rule[] = [
  rule(['untrained'], ({ untrained }) =>
    untrained
      ? warn('untrained-weights', 'Demo weights are untrained: predictions and heatmaps are placeholders.')
      : null,
  ),

  rule(['classifier'], ({ classifier: { logits, predicted } }) => {
    const strange = logits.filter((value) => typeof value !== 'number');
    return predicted.index === null
      ? warn(
          'undecided',
          `No verdict: ${strange.length} of ${logits.length} ${logits.length === 1 ? 'logit is' : 'logits are'} not finite ` +
            `(${[...new Set(strange)].join(', ')}). Heatmaps of them mean nothing.`,
        )
      : null;
  }),

  rule(['classifier'], ({ classifier: { probabilities, predicted, logits } }) =>
    probabilities === null && predicted.index !== null
      ? warn(
          'not-probabilities',
          `The outputs were taken as probabilities but lie between ${number(Math.min(...logits.map(Number)))} and ` +
            `${number(Math.max(...logits.map(Number)))}: none are shown.`,
        )
      : null,
  ),

  rule(['classifier'], ({ classifier: { activation } }) => {
    if (activation === undefined) return null;
    const { kind, origin, multiLabel, threshold, description } = activation;
    if (multiLabel) return warn('multi-label', description);
    if (threshold !== null) return warn('one-logit', description);
    return kind === 'none' && origin !== 'option'
      ? warn('outputs-taken-as-probabilities', description)
      : null;
  }),

  rule(['classifier'], ({ classifier: { precision } }) => {
    if (precision === undefined) return null;
    const code = precision.sameClass === false ? 'float-equivalent-disagrees' : 'float-equivalent';
    return warn(code, precision.description);
  }),
];
