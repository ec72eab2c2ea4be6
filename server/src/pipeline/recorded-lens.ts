/** How a report's network was fed, read from the report itself: lens files may have changed since. */
import { checkSteps } from '../../../protocol/check-steps';
import type { Report } from '../../../protocol/report';
import type { FilledStep } from '../../../protocol/steps';
import { LensError } from '../errors';
import { builtInLens } from '../lens/lens-file';

/**
 * The steps from the picture to the tensor; for reports that do not record them, those of the lens that they name.
 * @throws LensError of kind `usage` where there are none
 */
export function recordedSteps({ lens, pipeline }: Report, folder: string): readonly FilledStep[] {
  const recorded = lens?.values.find(({ key }) => key === 'preprocess')?.value;
  const written = recorded ?? builtInLens(pipeline)?.lens.preprocess ?? null;
  const checked = checkSteps(written);
  if (checked.ok) return checked.steps;
  const what =
    written === null ? `the pipeline "${pipeline}", which does not exist` : checked.problems[0].message;
  throw new LensError('usage', `${folder}: expected the steps that prepared the picture, found ${what}.`, {
    fix: 'Analyze the image again to get a new report.',
  });
}

/** For a network with several outputs, the one that was read; null for the first. */
export function recordedOutput({ lens }: Report): string | null {
  const name = lens?.values.find(({ key }) => key === 'output.name')?.value;
  return typeof name === 'string' ? name : null;
}
