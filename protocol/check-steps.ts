/** Checks a list of steps as a lens writes it: each error names the step's position and key, what was expected and what was found. */
import { expectedOf, isValueOf } from './step-parameters';
import type { FilledStep, StepDeclaration, StepId } from './steps';
import { MOST_STEPS, STEPS, STEP_IDS } from './steps';

export interface StepProblem {
  /** Of the step in the list, from 0; null where the list itself is at fault. */
  readonly index: number | null;
  /** The parameter; null where the step itself is at fault. */
  readonly key: string | null;
  /** A sentence: `step 2 (resize), "filter": expected one of ..., found "cubic"`. */
  readonly message: string;
}

export type CheckedSteps =
  | { readonly ok: true; readonly steps: readonly FilledStep[] }
  | { readonly ok: false; readonly problems: readonly [StepProblem, ...StepProblem[]] };

/** @param written `preprocess` of a lens, as JSON.parse gave it */
export function checkSteps(written: unknown): CheckedSteps {
  if (!Array.isArray(written))
    return failed({ index: null, key: null, message: `expected a list of steps, found ${shown(written)}` });
  if (written.length > MOST_STEPS)
    return failed({
      ...{ index: null, key: null },
      message: `expected at most ${MOST_STEPS} steps, found ${written.length}`,
    });
  const problems: StepProblem[] = [];
  const steps: FilledStep[] = [];
  let real = false; // whether a step has made float32 planes of the pixels
  written.forEach((config: unknown, index) => {
    const found = problemOf(config, index, real);
    if (found !== null) problems.push(found);
    const id = idOf(config);
    if (id === null) return;
    real ||= STEPS[id].gives === 'float32';
    if (found === null) steps.push(filled(id, config as Readonly<Record<string, unknown>>));
  });
  const [first, ...others] = problems;
  return first === undefined ? { ok: true, steps } : failed(first, ...others);
}

const failed = (first: StepProblem, ...others: readonly StepProblem[]): CheckedSteps => ({
  ok: false,
  problems: [first, ...others],
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const idOf = (config: unknown): StepId | null =>
  (isObject(config) && STEP_IDS.find((id) => id === config.step)) || null;

function problemOf(config: unknown, index: number, real: boolean): StepProblem | null {
  const position = `step ${index + 1}`;
  if (!isObject(config))
    return {
      ...{ index, key: null },
      message: `${position}: expected an object with "step", found ${shown(config)}`,
    };
  const id = idOf(config);
  if (id === null) {
    const found = 'step' in config ? `found ${shown(config.step)}` : 'found none';
    return {
      index,
      key: 'step',
      message: `${position}, "step": expected one of ${STEP_IDS.join(', ')}, ${found}`,
    };
  }
  const { parameters, takes, conflict }: StepDeclaration = STEPS[id];
  const problem = (key: string | null, message: string): StepProblem => ({
    ...{ index, key },
    message: `${position} (${id})${key === null ? '' : `, "${key}"`}: ${message}`,
  });
  for (const [key, value] of Object.entries(config)) {
    if (key === 'step') continue;
    const parameter = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (parameter === undefined)
      return problem(
        key,
        `expected one of ${Object.keys(parameters).join(', ')}, found a key that the step does not have`,
      );
    if (!isValueOf(parameter, value))
      return problem(key, `expected ${expectedOf(parameter)}, found ${shown(value)}`);
  }
  for (const [key, parameter] of Object.entries(parameters))
    if (parameter.required === true && !(key in config))
      return problem(key, `expected ${expectedOf(parameter)}, found none`);
  const clash = conflict?.(config) ?? null;
  if (clash !== null)
    return problem(clash.key, `expected ${clash.message}, found ${shown(config[clash.key])}`);
  if (takes === 'float32' && !real)
    return problem(null, 'expected float32 planes, found 8-bit pixels: put a rescale step before it');
  if (takes === 'uint8' && real)
    return problem(null, 'expected 8-bit pixels, found float32 planes: put it before rescale and normalize');
  return null;
}

function filled(id: StepId, config: Readonly<Record<string, unknown>>): FilledStep {
  const { parameters }: StepDeclaration = STEPS[id];
  const defaults = Object.entries(parameters).flatMap(([key, parameter]) =>
    'default' in parameter ? [[key, parameter.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...config } as FilledStep;
}

/** What was found, short enough for a sentence; a lens may hold anything. */
function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
