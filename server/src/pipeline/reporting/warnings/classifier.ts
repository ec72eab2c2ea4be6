/** Warnings about the verdict: its basis, and why there is none. */
import { placeIn } from '../../../lens/not-taken';
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
            `${number(Math.max(...logits.map(Number)))}: no probabilities are shown.`,
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

  rule(['classifier', 'lens'], ({ classifier: { activation }, lens }) => {
    const stated = lens?.values.find(({ key }) => key === 'output.threshold');
    return stated === undefined || activation === undefined || activation.threshold !== null
      ? null
      : warn(
          'threshold-unused',
          `The threshold ${String(stated.value)} (${placeIn(stated.detail)}) has no effect: the verdict is the most probable of ` +
            'several classes. Only networks with one logit, or with a probability of its own for every class, have a threshold.',
        );
  }),

  rule(['classifier'], ({ classifier: { precision } }) => {
    if (precision === undefined) return null;
    const code = precision.sameClass === false ? 'float-equivalent-disagrees' : 'float-equivalent';
    return warn(code, precision.description);
  }),

  rule(['target', 'classifier'], ({ target: { requested, index, label }, classifier: { labels } }) => {
    const other = /^\d{1,9}$/.test(requested) ? labels[Number(requested)] : undefined;
    return other === undefined || Number(requested) === index
      ? null
      : warn(
          'target-by-name',
          `The target ${requested} is the class called "${label}", which has index ${index}. ` +
            `The class with index ${requested} is called "${other}": index:${requested} means that one.`,
        );
  }),

  rule(['target', 'classifier'], ({ target, classifier: { labels, predicted } }) => {
    const index = [predicted.index, target.index].find(
      (each) => each !== null && labels.some((label, other) => other !== each && label === labels[each]),
    );
    if (index === undefined || index === null) return null;
    const others = labels.flatMap((label, other) =>
      other !== index && label === labels[index] ? [other] : [],
    );
    const name = labels[index]?.trim() === '' ? 'without a name' : `called "${labels[index]}"`;
    return warn(
      'label-shared',
      `The class ${name} is the one with index ${index}; so ${others.length === 1 ? 'is that' : 'are those'} with index ${few(others)}. ` +
        'Only the index tells them apart: a list of names may have moved by a line.',
    );
  }),
];

/** Indices that are listed. */
const SHOWN = 4;

const few = (indices: readonly number[]): string =>
  indices.slice(0, SHOWN).join(', ') + (indices.length > SHOWN ? ', ...' : '');
