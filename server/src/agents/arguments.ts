/** Arguments of a tool, checked against its row: they come from a language model. */
import { isAbsolute, resolve } from 'node:path';
import type { ToolRow } from '../../../protocol/agent-tools';
import { nearestName } from '../architectures/edit-distance';
import { LensError } from '../errors';

/** By name; arguments that were left out are absent. */
export type ToolArguments = Readonly<Record<string, string | number | boolean>>;

/** Longer texts are neither paths nor names. */
const LONGEST = 32_767;

/** @throws LensError of kind `usage` naming the argument, what it should be, and what it is */
export function checkArguments({ properties, required }: ToolRow, given: unknown): ToolArguments {
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    throw new LensError('usage', `The tool's arguments should be an object; found ${shown(given)}.`);
  const names = Object.keys(properties);
  const found: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(given)) {
    const argument = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (argument === undefined) {
      const nearest = nearestName(name, names);
      throw new LensError('usage', `The tool has no argument ${shown(name)}.`, {
        fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Arguments are ${names.join(', ')}.`,
      });
    }
    if (value === null || value === undefined) continue;
    const { type, minimum = -Infinity, maximum = Infinity } = argument;
    const isText = type === 'string' && typeof value === 'string' && value !== '' && value.length <= LONGEST;
    const isCount =
      type === 'integer' && Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
    if ((isText && !value.includes('\0')) || isCount || (type === 'boolean' && typeof value === 'boolean'))
      found[name] = value as string | number | boolean;
    else
      throw new LensError(
        'usage',
        `The argument "${name}" should be ${wanted(type, minimum, maximum)}; found ${shown(value)}.`,
      );
  }
  const missing = required.find((name) => found[name] === undefined);
  if (missing !== undefined)
    throw new LensError(
      'usage',
      `The tool needs the argument "${missing}": ${properties[missing]?.description ?? ''}`,
    );
  return found;
}

const wanted = (type: string, minimum: number, maximum: number): string =>
  type === 'string'
    ? 'a non-empty string'
    : type === 'boolean'
      ? 'true or false'
      : `a whole number from ${minimum} to ${maximum}`;

const shown = (value: unknown): string => {
  const text: string = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

export const textOf = (given: ToolArguments, name: string): string | null => {
  const value = given[name];
  return typeof value === 'string' ? value : null;
};

/** A path as it was given; a relative one counts from where the program was started. */
export const pathOf = (text: string): string => (isAbsolute(text) ? text : resolve(text));
