/**
 * The output folder of several reports, created before the first: a failing analysis must not remove it while
 * others write to it.
 */
import { removeMade } from '../report/folder';
import { makeFolders } from '../system/make-folders';
import { outputError } from '../report/output-error';

/**
 * Makes the folder and those above it that are missing. What it returns removes them again, as far as they are empty.
 * @throws LensError of kind `output`, before anything is computed for reports that could not be written
 */
export async function makeOutput(output: string): Promise<() => Promise<void>> {
  let madeFrom: string | undefined;
  try {
    madeFrom = await makeFolders(output);
  } catch (thrown) {
    throw outputError(output, thrown);
  }
  return () => removeMade(output, madeFrom);
}
