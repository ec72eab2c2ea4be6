/** How much the runtime optimizes a graph: less where sorting it would take longer than it can give. */
import type { Model } from '../onnx/model';
import { sortingSteps } from './run-order';
import type { SessionOptions } from './session';

export type OptimizationLevel = NonNullable<SessionOptions['optimization']>;

/**
 * The most steps that one sort of the graph may take (`sortingSteps`, some 15 ns each) at each level: onnxruntime 1.30 sorts a graph 97
 * times at `all`, 87 at `extended`, 28 at `basic`, 8 at `disabled`. Some two seconds each. EfficientNet-B5 has 20,000 steps, DenseNet-121 with
 * its 188 layers 300,000; only a tensor that thousands of nodes read takes millions.
 */
const MOST_STEPS = { optimized: 1_500_000, basic: 5_000_000 } as const;

/**
 * @param model with its nodes in the order in which the runtime will get them
 * @param wanted where sorting takes no time
 */
export function levelFor(model: Model, wanted: 'extended' | 'all'): OptimizationLevel {
  const steps = sortingSteps(model);
  if (steps <= MOST_STEPS.optimized) return wanted;
  return steps <= MOST_STEPS.basic ? 'basic' : 'disabled';
}
