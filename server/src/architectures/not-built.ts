/** Families of networks that are known by the names of their tensors and not built here, so that a refusal can name them. */

interface Family {
  /** How it is called, and by which names its library knows it. */
  readonly what: string;
  /** Ends of names, all of which its files have and no file of a network that is built. */
  readonly names: readonly string[];
  readonly without?: readonly string[];
}

/** Of timm 1.0.22. */
const FAMILIES: readonly Family[] = [
  {
    what: 'timm’s own Swin Transformer V2 (swinv2_cr_*)',
    names: ['stages.0.blocks.0.attn.meta_mlp.fc1.weight', 'stages.0.blocks.0.attn.logit_scale'],
  },
];

/** What the network of these tensors is called, if it is one that is known and not built; null otherwise. */
export function knownButNotBuilt(tensors: Iterable<string>): string | null {
  const all = [...tensors];
  const holds = (name: string): boolean => all.some((each) => each === name || each.endsWith(`.${name}`));
  const found = FAMILIES.find(({ names, without = [] }) => names.every(holds) && !without.some(holds));
  return found?.what ?? null;
}
