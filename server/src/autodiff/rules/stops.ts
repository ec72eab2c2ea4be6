/** Operators that end every gradient: each input says why. */
import { discrete, flat, refused, type Port } from '../ports';
import type { StopRule } from '../rule';

const stop = (opType: string, since: number, inputs: readonly Port[], output: Port): StopRule => ({
  opType,
  since,
  inputs,
  outputs: [output],
});

/** y depends on the shape of x only. */
const ofShape = (opType: string, input: string, output: string, since = 1): StopRule =>
  stop(opType, since, [flat(input, 'only its shape is read')], discrete(output));

/** y holds positions or truth values. */
const chosen = (opType: string, inputs: readonly string[], output: string, since = 1): StopRule =>
  stop(
    opType,
    since,
    inputs.map((name) => flat(name, 'the output is not continuous')),
    discrete(output),
  );

const logic = (opType: string, inputs: readonly string[], output: string): StopRule =>
  stop(opType, 1, inputs.map(discrete), discrete(output));

const STEPS = 'the output is piecewise constant';
const steps = (opType: string, input: string, output: string, since: number): StopRule =>
  stop(opType, since, [flat(input, STEPS)], flat(output, STEPS));

const UNKNOWN_COUNT = 'and the number of outputs is then known only while the model runs';
const CONSTANT = 'it does not depend on values';

export const stopRules: readonly StopRule[] = [
  ofShape('Shape', 'data', 'shape'),
  ofShape('Size', 'data', 'size'),
  stop('Constant', 1, [], flat('output', CONSTANT)),
  stop('ConstantOfShape', 9, [discrete('input')], flat('output', CONSTANT)),
  stop('EyeLike', 9, [flat('input', 'only its shape is read')], flat('output', CONSTANT)),
  {
    opType: 'Range',
    since: 11,
    inputs: ['start', 'limit', 'delta'].map((name) => refused(name, UNKNOWN_COUNT)),
  },
  chosen('NonZero', ['X'], 'Y', 9),
  chosen('ArgMax', ['data'], 'reduced'),
  chosen('ArgMin', ['data'], 'reduced'),
  chosen('Equal', ['A', 'B'], 'C'),
  chosen('Greater', ['A', 'B'], 'C'),
  chosen('GreaterOrEqual', ['A', 'B'], 'C', 12),
  chosen('Less', ['A', 'B'], 'C'),
  chosen('LessOrEqual', ['A', 'B'], 'C', 12),
  chosen('IsNaN', ['X'], 'Y', 9),
  chosen('IsInf', ['X'], 'Y', 10),
  logic('Not', ['X'], 'Y'),
  logic('And', ['A', 'B'], 'C'),
  logic('Or', ['A', 'B'], 'C'),
  logic('Xor', ['A', 'B'], 'C'),
  steps('Floor', 'X', 'Y', 1),
  steps('Ceil', 'X', 'Y', 1),
  steps('Round', 'X', 'Y', 11),
  steps('Hardmax', 'input', 'output', 1),
  steps('Sign', 'input', 'output', 9),
];
