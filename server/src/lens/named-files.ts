/** What is wrong with the files that a lens names, found without a network, by the functions that an analysis reads them with. */
import type { LensProblem } from '../../../protocol/lens-check';
import { LensError } from '../errors';
import { labelsOfLens } from './lens-labels';
import type { FileLens } from './lens-file';
import { NEVER_TRUSTED, pathInLens, type PathTrust } from './lens-paths';
import { problemAt } from './problems';

type FixOf = (error: LensError) => string | null;

/**
 * The names of built-in networks and of models in the store are taken for files here: as such they are not there, which is no problem.
 * @param fixOf words what to do about it
 */
export async function problemsOfNamedFiles(
  lens: FileLens,
  trust: PathTrust,
  fixOf: FixOf = ({ fix = null }) => fix,
): Promise<readonly LensProblem[]> {
  const { model } = lens.lens;
  const found = await Promise.all([
    problemOf('labels', labelsOfLens(lens, trust), lens, fixOf),
    model === undefined
      ? null
      : problemOf('model', pathInLens({ lens, key: 'model', text: model, ...trust }), lens, fixOf),
  ]);
  return found.filter((problem) => problem !== null);
}

/**
 * A lens that lies beside its model is obeyed by every analysis of that model, and then names no files outside of its folder, however much
 * the reader trusts it. Who checks it may have chosen it, so that this is a warning.
 * @param model name of the file beside it
 */
export async function problemsBeside(lens: FileLens, model: string): Promise<readonly LensProblem[]> {
  const found = await problemOf('labels', labelsOfLens(lens, NEVER_TRUSTED), lens, ({ fix = null }) => fix);
  if (found === null) return [];
  const message = `An analysis of ${model} that finds this lens beside it refuses it: ${found.message}`;
  return [{ ...found, severity: 'warning', message }];
}

async function problemOf(
  key: 'labels' | 'model',
  look: Promise<unknown>,
  lens: FileLens,
  fixOf: FixOf,
): Promise<LensProblem | null> {
  try {
    await look;
    return null;
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return problemAt(key, thrown, lens, [key], fixOf(thrown));
  }
}
