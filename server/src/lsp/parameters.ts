/** Checks of a request's parameters, which may be anything that is JSON, against their rows in protocol/requests.ts. */
import type { CheckedParams, Parameter, Parameters } from '../../../protocol/requests';
import { expected } from '../../../protocol/values';
import { LensError } from '../errors';
import { givenOptions } from './given-options';
import { record, show } from './json';
import { LONGEST, holds } from './values';

/**
 * The parameters of a request, with null for optional ones that are absent. Parameters that its row does not
 * name are ignored.
 * @throws LensError of kind `usage` naming the parameter, what it should be, and what it is
 */
export function checked<P extends Parameters>(parameters: P, params: unknown): CheckedParams<P> {
  const rows = Object.entries(parameters);
  // Clients send all sorts of values where nothing is expected.
  const given = rows.length === 0 ? {} : record(params);
  return Object.fromEntries(
    rows.map(([name, row]) => [name, checkedOne(name, row, given[name])]),
  ) as CheckedParams<P>;
}

function checkedOne(name: string, { kind, optional, most = LONGEST }: Parameter, value: unknown): unknown {
  if (optional === true && (value === null || value === undefined)) return null;
  if (kind.is === 'options') return givenOptions(value);
  const long = typeof value === 'string' && value.length > most;
  if (!long && holds(kind, value)) return value;
  const form = long ? `at most ${most} characters long` : expected(kind);
  throw new LensError('usage', `The request's "${name}" should be ${form}; found ${show(value)}.`);
}
