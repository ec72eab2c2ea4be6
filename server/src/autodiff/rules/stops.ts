/** Operators that end every gradient: integers, booleans and steps, whose derivative is zero wherever it exists. */
import type { StopRule } from '../rule';

const stop = (opType: string, since = 1): StopRule => ({ opType, since, stops: 'all' });

export const stopRules: readonly StopRule[] = [
  stop('Shape'),
  stop('Size'),
  stop('Constant'),
  stop('ConstantOfShape', 9),
  stop('Range', 11),
  stop('EyeLike', 9),
  stop('OneHot', 9),
  stop('NonZero', 9),
  stop('ArgMax'),
  stop('ArgMin'),
  stop('Equal'),
  stop('Greater'),
  stop('GreaterOrEqual', 12),
  stop('Less'),
  stop('LessOrEqual', 12),
  stop('Not'),
  stop('And'),
  stop('Or'),
  stop('Xor'),
  stop('IsNaN', 9),
  stop('IsInf', 10),
  stop('Floor'),
  stop('Ceil'),
  stop('Round', 11),
  stop('Sign', 9),
];
