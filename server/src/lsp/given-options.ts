/** The options that a request carries beside the settings, checked: they come from another process. */
import type { OptionRow } from '../../../protocol/option-row';
import { optionRows, type AnalysisOptions } from '../../../protocol/options';
import { expected } from '../../../protocol/values';
import { LensError } from '../errors';
import { record, show } from './json';
import { holds } from './values';

/** Lua has one empty table for lists and objects, and its editors send it as a list. */
const isEmptyList = (params: unknown): boolean => Array.isArray(params) && params.length === 0;

const mayBeNull = (row: OptionRow): boolean => row.default === null;

/** @throws LensError of kind `usage` naming the option */
export function givenOptions(params: unknown): Partial<AnalysisOptions> {
  const given = isEmptyList(params) ? {} : record(params, 'options');
  for (const [name, value] of Object.entries(given)) {
    const row = optionRows.find((known) => known.name === name);
    if (row === undefined)
      throw new LensError('usage', `The request's option ${show(name)} is unknown.`, {
        fix: `Options are ${optionRows.map((known) => known.name).join(', ')}.`,
      });
    if (holds(row.kind, value) || (mayBeNull(row) && value === null)) continue;
    throw new LensError(
      'usage',
      `The request's option "${name}" should be ${expected(row.kind)}${mayBeNull(row) ? ', or null' : ''}; found ${show(value)}.`,
    );
  }
  return given;
}
