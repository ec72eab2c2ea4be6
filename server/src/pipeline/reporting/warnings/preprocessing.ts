/** Of the way to the tensor: the recorded steps and the range that arrived. */
import type { Report, WarningReport } from '../../../../../protocol/report';
import type { Lint } from './lint';
import {
  beyondTraining,
  channelOrderDoubt,
  normalizedTwice,
  notRescaled,
  scaleDoubt,
  unlikeTraining,
} from './lint';
import type { Rule } from './rule';
import { rule, warn } from './rule';

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

  rule(['preprocess'], (facts) => warningOf(beyondTraining(facts))),
];
