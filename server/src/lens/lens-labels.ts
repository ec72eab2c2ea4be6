/** The class names of a lens: written in it, or in a file that it names. */
import { basename } from 'node:path';
import { LensError } from '../errors';
import { labelsIn, MOST_LABEL_BYTES } from './label-lists';
import type { NamedLens } from './lens-file';
import type { PathTrust } from './lens-paths';
import { textInLens } from './lens-paths';

export interface FoundLabels {
  readonly labels: readonly string[];
  /** Where they are written, in a clause. */
  readonly detail: string;
}

/** Null where the lens has none. @throws LensError of kind `usage` with line and column */
export async function labelsOfLens(lens: NamedLens, trust: PathTrust): Promise<FoundLabels | null> {
  const { labels } = lens.lens;
  if (labels === undefined) return null;
  if (typeof labels !== 'string') return { labels, detail: lens.at('labels') };
  const { path, text } = await textInLens({ lens, key: 'labels', text: labels, ...trust }, MOST_LABEL_BYTES);
  const found = labelsIn(basename(path), text);
  if (found === null)
    throw new LensError(
      'usage',
      `${lens.at('labels')}: labels: ${path}: expected a list of class names, found none.`,
      {
        fix: 'One name a line (labels.txt), a column of names (classes.csv), or JSON with a list, or with id2label or names.',
      },
    );
  const { key } = found;
  return {
    labels: found.labels,
    detail: `${key === null ? '' : `${key} of `}${path}, which ${lens.at('labels')} names`,
  };
}
