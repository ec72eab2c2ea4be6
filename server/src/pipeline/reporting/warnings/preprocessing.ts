/** Of the way to the tensor: the recorded steps and the range that arrived. */
import type { Report, WarningReport } from '../../../../../protocol/report';
import type { Lint } from './lint';
import { channelOrderDoubt, normalizedTwice, notRescaled, scaleDoubt, unlikeTraining } from './lint';
import type { Rule } from './rule';
import { number, rule, warn } from './rule';

/** Float32 may leave an exact bound by its last digit, and recipes state theirs with three decimals. */
const ROUNDING = 1e-3;

/** Of how the picture was prepared. */
const lint = (find: (facts: Pick<Report, 'preprocess' | 'detection'>) => Lint | null): Rule =>
  rule(['preprocess', 'detection'], (facts) => warningOf(find(facts)));

const warningOf = (found: Lint | null): WarningReport | null =>
  found === null ? null : warn(found.code, found.message);

export const preprocessingRules: readonly Rule[] = [
  lint(normalizedTwice),

  lint(notRescaled),

  lint(scaleDoubt),

  lint(channelOrderDoubt),

  rule(['preprocess', 'detection', 'model'], (facts) =>
    unlikeTraining(facts, facts.model.architecture).map(({ code, message }) => warn(code, message)),
  ),

  rule(['preprocess'], ({ preprocess: { tensor, expectedRange } }) => {
    if (expectedRange === null || typeof tensor.min !== 'number' || typeof tensor.max !== 'number')
      return null;
    const [low, high] = expectedRange;
    return tensor.min < low - ROUNDING || tensor.max > high + ROUNDING
      ? warn(
          'value-range',
          `The network received values from ${number(tensor.min)} to ${number(tensor.max)}; ` +
            `in training it saw ${low} to ${high}.`,
        )
      : null;
  }),
];
