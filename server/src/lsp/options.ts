/** The settings as options of an analysis; what they leave open is decided by the pipeline. */
import { OPEN_WORD, type OptionRow } from '../../../protocol/option-row';
import { EDITOR_SETTINGS, SECTION, optionRows, type AnalysisOptions } from '../../../protocol/options';
import { expected } from '../../../protocol/values';
import { LensError } from '../errors';
import { holds } from './values';

/**
 * @param found the section `inferenceLens`; anything, since it comes from a file that people write
 * @param outputFolder from the setting, which may be empty or relative
 * @throws LensError of kind `usage` naming the setting
 */
export function optionsFrom(found: unknown, outputFolder: (setting: string) => string): AnalysisOptions {
  const all = new Map<string, unknown>(
    found !== null && typeof found === 'object' ? Object.entries(found) : [],
  );
  const values = optionRows.map((row) => {
    if (row.setting === null) return [row.name, row.default] as const;
    const value = settingOf(row.name, row, all.get(row.name));
    return [
      row.name,
      row.kind.is === 'path' ? outputFolder(typeof value === 'string' ? value : '') : value,
    ] as const;
  });
  return Object.fromEntries(values) as unknown as AnalysisOptions;
}

/** Address and name of the queue. @throws LensError of kind `usage` */
export function queueFrom(found: Readonly<Record<string, unknown>>): {
  readonly address: string | null;
  readonly name: string;
} {
  const { queue, queueName } = EDITOR_SETTINGS;
  const address = settingOf('queue', queue, found['queue']);
  const name = settingOf('queueName', queueName, found['queueName']);
  return { address: String(address) || null, name: String(name) };
}

/** Minutes without work after which the engine is ended; 0 keeps it. @throws LensError of kind `usage` */
export function idleMinutesFrom(found: unknown): number {
  const all = new Map<string, unknown>(
    found !== null && typeof found === 'object' ? Object.entries(found) : [],
  );
  const value = settingOf('idleMinutes', EDITOR_SETTINGS.idleMinutes, all.get('idleMinutes'));
  return Number(value);
}

/** Whether the likely next target is computed. @throws LensError of kind `usage` */
export const computesAhead = (found: Readonly<Record<string, unknown>>): boolean =>
  settingOf('computeAhead', EDITOR_SETTINGS.computeAhead, found['computeAhead']) === 'on';

/** The value of a setting; its option's default where it says nothing. @throws LensError of kind `usage` */
function settingOf(name: string, row: Pick<OptionRow, 'kind' | 'default'>, given: unknown): unknown {
  const { kind, default: otherwise } = row;
  if (given === undefined || given === null) return kind.is === 'path' ? null : otherwise;
  switch (kind.is) {
    case 'text':
    case 'path':
    case 'word': {
      if (typeof given !== 'string') throw wrong(name, row, given);
      const text = given.trim();
      if (text === '') return kind.is === 'path' ? null : otherwise;
      if (kind.is !== 'word') return text;
      if (text === OPEN_WORD) return otherwise;
      if (!holds(kind, text)) throw wrong(name, row, given);
      return text;
    }
    case 'words': {
      if (!Array.isArray(given)) throw wrong(name, row, given);
      const strange: unknown = given.find((item) => !holds(kind, [item]));
      if (strange !== undefined) throw wrong(name, row, strange);
      return given.length === 0 ? otherwise : [...new Set<unknown>(given)];
    }
    case 'count':
    case 'number':
    case 'box':
    case 'strokes':
      if (!holds(kind, given)) throw wrong(name, row, given);
      return given;
  }
}

function wrong(
  name: string,
  { kind, default: otherwise }: Pick<OptionRow, 'kind' | 'default'>,
  found: unknown,
) {
  const isText = kind.is === 'text' || kind.is === 'path';
  const numeric = kind.is === 'count' || kind.is === 'number';
  const form = isText ? 'a string' : expected(kind);
  const orNull = numeric && otherwise === null ? ', or null' : '';
  return new LensError(
    'usage',
    `The setting ${SECTION}.${name} should be ${form}${orNull}; found ${JSON.stringify(found)}.`,
    { fix: `Change ${SECTION}.${name} in the settings.` },
  );
}
