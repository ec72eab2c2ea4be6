/** What is said of one picture, and means nothing for a set of them or for the frames of a video. */
import type { AnalysisOptions } from '../../../protocol/options';
import { LensError } from '../errors';

/** @throws LensError of kind `usage` */
export function requireSetOptions({ box, strokes }: AnalysisOptions): void {
  if (box !== null)
    throw new LensError('usage', 'A box is the face in one picture, and cannot apply to a set.', {
      fix: 'Without it, the face in each picture is found as the lens says.',
    });
  if (strokes !== null)
    throw new LensError('usage', 'Strokes are painted over one picture, and cannot apply to a set.', {
      fix: 'Files that were edited are evaluated like any others.',
    });
}
