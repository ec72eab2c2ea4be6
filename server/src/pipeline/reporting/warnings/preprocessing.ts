/** Warnings about preprocessing: the recorded steps and the tensor's range. */
import { LINT_RULES } from './lint';
import type { Rule } from './rule';
import { rule, warn } from './rule';

export const preprocessingRules: readonly Rule[] = LINT_RULES.map(({ needs, find }) =>
  rule(needs, (facts) => find(facts).map(({ code, message }) => warn(code, message))),
);
