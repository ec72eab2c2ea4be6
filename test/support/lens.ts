/** Lenses that ship, ready to be run. */
import { checkSteps } from '../../protocol/check-steps';
import type { FilledStep } from '../../protocol/steps';
import type { CropMode } from '../../protocol/vocabulary';
import { builtInLens } from '../../server/src/lens/lens-file';

export interface ReadyLens {
  readonly id: string;
  readonly subject: string;
  readonly labels: readonly string[];
  readonly crop: CropMode;
  readonly preprocess: readonly FilledStep[];
  readonly range: readonly [number, number] | null;
  /** As `DefaultWeights` has them. */
  readonly architecture: string | null;
  readonly classes: number | null;
}

export function readyLens(id: string): ReadyLens {
  const lens = builtInLens(id)?.lens;
  const checked = checkSteps(lens?.preprocess);
  if (lens === undefined || !checked.ok) throw new Error(`There is no lens ${id}.`);
  const labels = typeof lens.labels === 'string' ? [] : (lens.labels ?? []);
  return {
    ...{ id, subject: `The lens ${id}`, labels, preprocess: checked.steps },
    crop: lens.detector?.crop ?? 'square',
    range: lens.input?.range ?? null,
    architecture: lens.model ?? null,
    classes: labels.length === 0 ? null : labels.length,
  };
}
