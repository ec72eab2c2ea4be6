/**
 * Which pipeline an analysis goes through, and whether it suits the network. Asked for by name it is obeyed as long as it fits. Not asked
 * for it is FSBI's, and only for FSBI's own network: no other is given its labels and its wavelet without a word.
 */
import type { AnalysisOptions } from '../../../protocol/analysis';
import { LensError } from '../errors';
import type { ModelStore } from '../store/store';
import type { About } from './network/prepare';
import type { Recipe } from './recipe';
import { readRecipe, recipeIds } from './recipe';
import type { Weights } from './network/weights';
import { resolveWeights } from './network/weights';

/** The pipeline of the demo, and of weights that are recognized as its own. */
const DEFAULT_PIPELINE = 'fsbi';

type Wanted = Pick<AnalysisOptions, 'pipeline' | 'weights' | 'architecture' | 'stateDict'>;

/** @throws LensError of kind `usage` where no pipeline was asked for and the network is not that of the default one */
export async function choosePipeline(
  options: Wanted,
  store: ModelStore,
  find: (look: () => Promise<Weights>) => Promise<Weights>,
): Promise<{ readonly recipe: Recipe; readonly weights: Weights }> {
  const recipe = readRecipe(options.pipeline ?? DEFAULT_PIPELINE);
  const weights = await find(() => resolveWeights(options, recipe, store));
  if (options.pipeline === null) {
    const architecture = await weights.architecture();
    if (architecture !== recipe.architecture) throw noPipeline(weights, described(architecture), recipe);
  }
  return { recipe, weights };
}

type Fitting = Pick<About, 'architecture' | 'classes' | 'inputShape'>;

/**
 * Channels and class count; one logit fits two labels. A network that takes another size is given the picture at its own.
 * @param asked whether the pipeline was asked for
 * @throws LensError of kind `usage` naming both
 */
export function requireFit(recipe: Recipe, asked: boolean, about: Fitting, weights: Weights): void {
  const { labels } = recipe;
  const { classes, architecture, inputShape } = about;
  const [, channels] = inputShape;
  if (labels.length > 0 && labels.length !== classes) {
    const has = `${classes} ${classes === 1 ? 'class' : 'classes'}`;
    if (!asked) throw noPipeline(weights, `${described(architecture)} with ${has}`, recipe);
    throw unfit(
      recipe,
      weights,
      `names ${labels.length} classes (${labels.join(', ')})`,
      `${nameOf(weights, architecture)} has ${has}`,
    );
  }
  if (channels !== CHANNELS && channels !== GRAY)
    throw unfit(
      recipe,
      weights,
      `gives ${CHANNELS} channels`,
      `${nameOf(weights, architecture)} takes ${channels ?? 'none'}`,
    );
}

/** Red, green and blue: every pipeline gives as many, and makes gray of them where a network takes that. */
const CHANNELS = 3;
const GRAY = 1;

/** What a reader has to know of a pipeline that was asked for with a network that is not its own; null where it is. */
export function borrowed(recipe: Recipe, { architecture, inputShape }: Fitting): string | null {
  const { architecture: own, inputSize, id, labels } = recipe;
  if (own === null || own === architecture) return null;
  const side = inputShape[3];
  const size =
    inputSize === null || side === undefined || side === inputSize
      ? ''
      : `, which takes ${side}x${side} pixels instead of ${inputSize}x${inputSize}`;
  const named = labels.length > 0 ? `, and the labels ${labels.join(', ')}` : '';
  return (
    `The pipeline ${id} belongs to ${own}; this network is ${described(architecture)}${size}. ` +
    `How the image is prepared${named} are the pipeline's, as asked for.`
  );
}

const described = (architecture: string): string =>
  architecture === 'onnx' ? 'an ONNX file of no known architecture' : architecture;

const nameOf = (weights: Weights, architecture: string): string => `${weights.name} (${architecture})`;

const unfit = (recipe: Recipe, weights: Weights, gives: string, takes: string): LensError =>
  new LensError('usage', `The pipeline ${recipe.id} ${gives}; ${takes}.`, {
    fix: pipelines(),
    remedies: weights.untrained ? ['choose-pipeline'] : ['choose-pipeline', 'choose-weights'],
  });

const noPipeline = (weights: Weights, is: string, own: Recipe): LensError =>
  new LensError(
    'usage',
    `No pipeline was asked for, and ${weights.name} is ${is}: how its images are prepared and what its classes are called is not known. ` +
      `The pipeline ${own.id} is taken unasked for ${own.architecture ?? 'no architecture'} with its ${own.labels.length} classes alone.`,
    { fix: pipelines(), remedies: ['choose-pipeline'] },
  );

const pipelines = (): string =>
  `Pipelines are ${recipeIds()
    .map((id) => `${id} (${readRecipe(id).title})`)
    .join('; ')}.`;
