/** The progress message while a network is loaded: more than its name only if its graph has to be built first. */
import type { Weights } from './weights';

/** What `prepare` does where the cache has no graph, in this order. */
export type PreparingStage = 'reading weights' | 'gradients' | 'optimizing';

/** How far the step is as each begins; measured on EfficientNet-B5 (0.8, 2.0 and 6.0 s). */
export const stageShares: Readonly<Record<PreparingStage, number>> = {
  'reading weights': 0,
  gradients: 0.1,
  optimizing: 0.3,
};

export const loadingMessage = ({ name }: Pick<Weights, 'name'>): string => `loading ${name}`;

/** Generated weights have no file that could be read. */
export function preparingMessage(
  { name, path }: Pick<Weights, 'name' | 'path'>,
  stage: PreparingStage,
): string {
  const what = `Preparing ${path === null ? `${name} weights` : name} (first time only)`;
  return path === null && stage === 'reading weights' ? what : `${what}: ${stage}`;
}
