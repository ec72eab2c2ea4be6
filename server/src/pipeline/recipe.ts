/** A recipe: what a pipeline does to an image before the network sees it; read from models/pipelines. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkSteps } from '../../../protocol/check-steps';
import type { FilledStep } from '../../../protocol/steps';
import type { CropMode } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { projectRoot } from '../system/paths';

export interface Recipe {
  readonly id: string;
  readonly title: string;
  /** Where the preprocessing is described. */
  readonly source: string;
  /** Class names by index; classes beyond the list are numbered. */
  readonly labels: readonly string[];
  /** Of a network with one logit: the probability of the last class above which it is the verdict; 0.5 where it is left out. */
  readonly threshold?: number;
  /** The target that is explained unless another is asked for. */
  readonly target: string;
  /** Side of the network's square input; null takes the one that the network was designed for. */
  readonly inputSize: number | null;
  /** Whether the network was trained on face crops. */
  readonly face: boolean;
  readonly crop: CropMode;
  /** From the picture, or the face's part of it, to the tensor. */
  readonly preprocess: readonly FilledStep[];
  /** The values that this preprocessing can produce from any 8-bit image. */
  readonly expectedRange: readonly [number, number] | null;
  /** The architecture of the seeded demo weights; null where the pipeline has none of its own. */
  readonly architecture: string | null;
}

const folder = (): string => join(projectRoot(), 'models', 'pipelines');

export function recipeIds(): readonly string[] {
  return readdirSync(folder())
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** @throws LensError of kind `usage` if there is no such pipeline */
export function readRecipe(id: string): Recipe {
  const known = recipeIds();
  if (!known.includes(id)) {
    throw new LensError('usage', `There is no pipeline "${id}".`, {
      fix: `Choose one of: ${known.join(', ')}.`,
    });
  }
  const written = JSON.parse(readFileSync(join(folder(), `${id}.json`), 'utf8')) as Recipe;
  const checked = checkSteps(written.preprocess);
  if (!checked.ok)
    throw new LensError('internal', `The pipeline ${id}: ${checked.problems[0].message}.`, {
      fix: 'This is a bug in Inference Lens. Please report it.',
    });
  return { ...written, preprocess: checked.steps };
}
