/** Checks whether a value from another process is of the expected kind. */
import { isAbsolute } from 'node:path';
import { strokesProblem } from '../../../protocol/strokes';
import type { Kind } from '../../../protocol/values';

/** No path of any system is longer, and no name needs as much. */
export const LONGEST = 32_767;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0');

export function holds(kind: Kind, value: unknown): boolean {
  switch (kind.is) {
    case 'text':
      return isText(value);
    case 'path':
      return isText(value) && isAbsolute(value);
    case 'word':
      return kind.words.some(({ id }) => id === value);
    case 'words':
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((item) => kind.words.some(({ id }) => id === item))
      );
    case 'count':
      return isWithin(value, kind) && Number.isInteger(value);
    case 'number':
      return isWithin(value, kind);
    case 'box':
      return Array.isArray(value) && value.length === 4 && value.every(Number.isFinite);
    case 'strokes':
      return strokesProblem(value) === null;
  }
}

const isWithin = (value: unknown, { least, most }: { least: number; most: number }): boolean =>
  typeof value === 'number' && value >= least && value <= most;
