/** To which classes logits belong. */

/** The class of the first logit, those of the others follow: a network with one logit for two classes gives that of the last. */
export const firstClassWithLogit = ({
  labels,
  logits,
}: {
  readonly labels: readonly unknown[];
  readonly logits: readonly unknown[];
}): number => labels.length - logits.length;
