/** Checks of a request's parameters, which may be anything that is JSON. */
import { isAbsolute } from 'node:path';
import type { CamMethod } from '../../../protocol/report';
import { LensError } from '../errors';
import { CAM_METHODS, idsOf } from '../../../protocol/vocabulary';

export type Parameters = Readonly<Record<string, unknown>>;

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

function wrong(name: string, expected: string, found: unknown): LensError {
  return new LensError('usage', `The request's "${name}" should be ${expected}; found ${show(found)}.`);
}

/** No path of any system is longer, and no name needs as much. */
const longest = 32_767;
const shorter = `at most ${longest} characters long`;

/** @param what of the request, as its error names it */
export function record(params: unknown, what = 'parameters'): Parameters {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params as Parameters;
  throw new LensError('usage', `The request's ${what} should be an object; found ${show(params)}.`);
}

export function text(params: Parameters, name: string): string {
  const value = params[name];
  if (typeof value === 'string' && value.length > longest) throw wrong(name, shorter, value);
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(name, 'a text that is not empty', value);
}

export function absolutePath(params: Parameters, name: string): string {
  const value = params[name];
  if (typeof value === 'string' && value.length > longest) throw wrong(name, shorter, value);
  if (typeof value === 'string' && isAbsolute(value) && !value.includes('\0')) return value;
  throw wrong(name, 'an absolute path', value);
}

export function textOrNull(params: Parameters, name: string): string | null {
  return params[name] === null || params[name] === undefined ? null : text(params, name);
}

export function wholeNumber(params: Parameters, name: string, least: number, most: number): number {
  const value = params[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, `a whole number from ${least} to ${most}`, value);
}

export function methodList(params: Parameters, name: string): readonly CamMethod[] {
  const value = params[name];
  if (!Array.isArray(value) || value.length === 0) throw wrong(name, 'a list of heatmap methods', value);
  return value.map((item: unknown) => {
    const method = idsOf(CAM_METHODS).find((known) => known === item);
    if (method === undefined) throw wrong(name, `methods out of ${idsOf(CAM_METHODS).join(', ')}`, item);
    return method;
  });
}
