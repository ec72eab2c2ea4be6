/** What makes probabilities of a network's outputs, where that was read, and how it is said. */
import type { ActivationChoice, ActivationKind, ActivationReport } from '../../../../protocol/report';
import type { ClassifierKind } from '../../../../protocol/vocabulary';
import type { ClassBound } from '../../explain/target';

/** Determined once for a network; the same for every image. */
export interface Activation {
  readonly kind: ActivationKind;
  readonly origin: ActivationReport['origin'];
  /** Every class has a probability of its own. */
  readonly multiLabel: boolean;
  /** (1, outputs): probabilities that the network computes itself; null where they are computed from the logits. */
  readonly probabilities: { readonly tensor: string; readonly log: boolean } | null;
  /** A clause that says what this was concluded from. */
  readonly evidence: string;
}

/** An activation that was found in the graph, or none, with the file's own output. */
export interface ReadActivation {
  /** Null where only running the network can tell. */
  readonly activation: Activation | null;
  /** (1, width): the file's output, whatever it means. */
  readonly outputs: string;
  readonly width: number;
}

/** For logits that nothing follows. */
export const ofLogits = (
  count: number,
  origin: 'architecture' | 'assumed',
  evidence: string,
): Activation => ({
  ...{ kind: count === 1 ? 'sigmoid' : 'softmax', origin, evidence },
  ...{ multiLabel: false, probabilities: null },
});

/** Placeholder until the source is known: an option, a lens, or a file of the model's writer. */
const AS_ASKED = 'as requested';

/** @param by where the choice was read, such as `problem_type of config.json` */
export const askedBy = (activation: Activation, by: string): Activation =>
  activation.evidence === AS_ASKED && by !== AS_ASKED
    ? { ...activation, evidence: `as ${by} says` }
    : activation;

/**
 * The requested activation replaces the one in the graph: softmax and sigmoid are applied to the logits, `none` takes the outputs as they
 * are.
 */
export function chosenActivation(choice: Exclude<ActivationChoice, 'auto'>, count: number): Activation {
  const multiLabel = choice === 'sigmoid' && count > 1;
  return { kind: choice, origin: 'option', multiLabel, probabilities: null, evidence: AS_ASKED };
}

const nameOf = (kind: ActivationKind, logits: number): string =>
  ({
    softmax: 'the softmax of the logits',
    sigmoid: logits === 1 ? 'the sigmoid of the logit' : 'the sigmoid of each logit',
    none: 'the outputs as they are',
  })[kind];

/** The kind of decision that a network makes. */
export const classifierKind = (
  { multiLabel }: Pick<Activation, 'multiLabel'>,
  logits: number,
): ClassifierKind => (multiLabel ? 'multi' : logits === 1 ? 'binary' : 'single');

/** Probability of the last class above which a network with one logit predicts it, by default. */
export const THRESHOLD = 0.5;

export function describeActivation(
  { kind, origin, multiLabel, evidence }: Activation,
  logits: number,
  labels: readonly string[],
  threshold: number,
): ActivationReport {
  const sentences = [`Probabilities are ${nameOf(kind, logits)}: ${evidence}.`];
  if (logits === 1) sentences.push(oneLogit(kind, labels, threshold));
  if (multiLabel)
    sentences.push(
      `Every class has a probability of its own; the verdict is every class above ${threshold}.`,
    );
  return {
    ...{ kind, origin, multiLabel },
    threshold: logits === 1 || multiLabel ? threshold : null,
    description: sentences.join(' '),
  };
}

function oneLogit(
  kind: ActivationKind,
  [first = '', last = '']: readonly string[],
  threshold: number,
): string {
  const [what, minus] = kind === 'none' ? ['output p', 'p'] : ['logit', 'the logit'];
  return (
    `The network has one ${what}; it was read as that of "${last}", the last label, and is the verdict above a probability of ` +
    `${threshold}; the probability of "${first}" is 1 minus it, and its explained value is minus ${minus}.`
  );
}

/** What the predicted class of one logit is compared with, on the scale of the tensor that is compared. */
export function boundOf(
  { kind, probabilities }: Pick<Activation, 'kind' | 'probabilities'>,
  threshold: number,
): ClassBound {
  if (probabilities !== null)
    return { tensor: probabilities.tensor, above: probabilities.log ? Math.log(threshold) : threshold };
  return { tensor: null, above: kind === 'none' ? threshold : Math.log(threshold / (1 - threshold)) };
}
