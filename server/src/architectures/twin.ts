/**
 * One row of the table of networks that share names and shapes (`twins.ts`), and words in file names that
 * suggest one.
 */
import type { Architecture } from './network';

export interface Twin {
  /** What `--architecture` takes. */
  readonly id: string;
  /** The known network with the same names and shapes. */
  readonly of: string;
  /** What it does differently, a clause to follow its id. */
  readonly differs: string;
  /** The text in a file's name that decides for it; null if the network has no name of its own. */
  readonly named: string | null;
  /** Text in a file's name that suggests this network, but also others: a warning. */
  readonly hint: RegExp | null;
  /** Null where it is not built here. */
  readonly architecture: Architecture | null;
}

export const DILATED = /dilat|output_?stride|_os_?(8|16)(?![0-9a-z])/;
export const MAX_POOLED = /global_?max|max_?pool|_gmp(?![a-z])/;
export const AVGMAX_POOLED = /avg_?max/;
export const BLURRED = /(resnet|resnext|efficientnet)_?blur|blur_?pool|anti_?alias/;

export function notBuilt(id: string, of: string, differs: string): Twin {
  return { id, of, differs, named: null, hint: null, architecture: null };
}
