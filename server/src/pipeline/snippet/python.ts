/** The lines of a script that are the same whatever runs the network: heatmaps, the verdict, and safe texts. */
import type { ActivationKind, CamMethod, LayerReport, Report } from '../../../../protocol/report';
import { CAM_METHODS } from '../../../../protocol/vocabulary';
import { kindOf } from '../../../../protocol/layer-kind';
import { METHODS } from '../../explain/methods';
import { oneLine, printableJson } from '../../printable';
import { planesOf } from '../layer-details';

/** Names come from untrusted files: whatever they contain stays inside the string. JSON strings are Python strings. */
export const literal = (text: string): string => printableJson(text);

/** A comment of one line, whatever the names in it contain. */
export const comment = (text: string): string => `# ${oneLine(text)}`;

export const methodTitle = (method: CamMethod): string =>
  CAM_METHODS.find(({ id }) => id === method)?.title ?? method;

/** Sums over channels; a vector's channels are its positions. */
function placed(layer: LayerReport, terms: string, reduce: 'sum' | 'mean'): string {
  const [, height, width] = planesOf(layer);
  if (kindOf(layer) === 'vector') return `(${terms})[:, 0]`;
  return `(${terms}).${reduce}(axis=0).reshape(${height}, ${width})`;
}

/** Lines that end with `shown`, the map before ReLU. */
export function heatmapLines(layer: LayerReport, method: CamMethod): readonly string[] {
  const formula = METHODS[method];
  const [weights, terms] = formula.kind === 'channels' ? [formula.numpy, 'w * A'] : [[], formula.numpy];
  const reported = layer.heatmaps.find((heatmap) => heatmap.method === method)?.cam.max;
  return [
    comment(formula.source),
    ...weights,
    `shown = ${placed(layer, terms, 'sum')}  # before ReLU`,
    'print(shown)',
    `print(np.maximum(shown, 0).max())  # the report says ${String(reported)}`,
  ];
}

export const activationLines = (layer: LayerReport): readonly string[] => [
  `shown = ${placed(layer, 'A', 'mean')}  # mean of the channels`,
  'print(shown)',
  `print(A.mean())  # the report says ${String(layer.activation.mean)}`,
];

export function channelLines(layer: LayerReport, channel: number): readonly string[] {
  const [, height, width] = planesOf(layer);
  return [
    `shown = A[${channel}].reshape(${height}, ${width})`,
    'print(shown)',
    `print(g[${channel}].mean())  # Grad-CAM's weight of this channel`,
  ];
}

const PROBABILITIES: Readonly<Record<ActivationKind, readonly string[]>> = {
  softmax: ['e = np.exp(logits - logits.max())', 'shown = e / e.sum()'],
  sigmoid: ['shown = 1 / (1 + np.exp(-logits))'],
  none: ['shown = logits  # the outputs are the probabilities'],
};

/** From `logits`, (classes). */
export function verdictLines({ classifier }: Report): readonly string[] {
  const { probabilities, activation, predicted, confidence, logits } = classifier;
  if (probabilities === null)
    return ['shown = logits', `print(shown)  # the report says ${logits.slice(0, 8).join(', ')}`];
  const kind = activation?.kind ?? 'softmax';
  // One logit stands for two classes and belongs to the last.
  const two = logits.length === 1 && probabilities.length === 2;
  return [
    ...PROBABILITIES[two && kind === 'softmax' ? 'sigmoid' : kind],
    ...(two ? ['shown = np.array([1 - shown[0], shown[0]])'] : []),
    ...(predicted.index === null
      ? ['print(shown)']
      : [
          `print(shown[${predicted.index}])  # ${oneLine(predicted.label)}: the report says ${String(confidence)}`,
        ]),
  ];
}
