/** Values of JSON from another process, in messages and as objects. */
import { LensError } from '../errors';

export const show = (value: unknown): string => {
  const text = written(value);
  if (text === undefined) return 'nothing';
  return text.length <= 80 ? text : `${text.slice(0, 80)}...`;
};

/** Not where it is nested so deep that writing it exhausts the stack. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return 'something nested too deep';
  }
}

/** @param what of the request, as its error names it. @throws LensError of kind `usage` */
export function record(params: unknown, what = 'parameters'): Readonly<Record<string, unknown>> {
  if (params !== null && typeof params === 'object' && !Array.isArray(params))
    return params as Readonly<Record<string, unknown>>;
  throw new LensError('usage', `The request's ${what} should be an object; found ${show(params)}.`);
}
