/** Parses the command line into typed options; every error says what was expected. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { resolve } from 'node:path';
import type { OptionRow } from '../../../protocol/option-row';
import { optionRows, type AnalysisOptions } from '../../../protocol/options';
import type { BoxReport } from '../../../protocol/report';
import type { Word } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { readStrokes } from './strokes-option';

export interface AnalyzeCommand {
  readonly images: readonly string[];
  readonly options: AnalysisOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly force: boolean;
}

interface Switch {
  readonly short?: string;
  readonly help: string;
}

/** Flags of this command alone. */
export const SWITCHES: Readonly<Record<'json' | 'quiet' | 'force', Switch>> = {
  json: { help: 'one line of JSON for each image on standard output' },
  quiet: { short: 'q', help: 'nothing but errors' },
  force: { short: 'f', help: 'run although the image is larger than 100 megapixels' },
};

export type Spec = NonNullable<ParseArgsConfig['options']>;

const spec: Spec = Object.fromEntries<Spec[string]>([
  ...optionRows.flatMap(({ flag, kind }) =>
    flag === null
      ? []
      : [[flag.name, { type: 'string', multiple: kind.is === 'words', ...short(flag) }] as const],
  ),
  ...Object.entries(SWITCHES).map(([name, row]) => [name, { type: 'boolean', ...short(row) }] as const),
]);

function short(row: { readonly short?: string }): { short?: string } {
  return row.short === undefined ? {} : { short: row.short };
}

export interface ParsedOptions {
  readonly options: AnalysisOptions;
  /** As they were typed, those of `more` among them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/**
 * The options of an analysis, and those that a command has besides.
 * @throws LensError of kind `usage`
 */
export function parseOptions(args: readonly string[], more: Spec = {}): ParsedOptions {
  const { values, positionals } = parseCommand(args, { ...spec, ...more });
  const options = optionRows.map((row) => [row.name, valueOf(row, values)] as const);
  return { options: Object.fromEntries(options) as unknown as AnalysisOptions, values, positionals };
}

/** @throws LensError of kind `usage` */
export function parseAnalyze(args: readonly string[]): AnalyzeCommand {
  const { options, values, positionals } = parseOptions(args);
  if (positionals.length === 0) {
    throw new LensError('usage', 'No image was given.', {
      fix: 'For example: inference-lens analyze face.jpg',
    });
  }
  return {
    images: positionals.map((path) => resolve(path)),
    json: values['json'] === true,
    quiet: values['quiet'] === true,
    force: values['force'] === true,
    options,
  };
}

/** A command's options, and what else was typed. @throws LensError of kind `usage` */
export const parseCommand = <const Options extends Spec>(args: readonly string[], options: Options) =>
  parseStrict(() => parseArgs({ args: [...args], options, allowPositionals: true, strict: true }));

/** Runs Node's parser and turns its complaint into a usage error. @throws LensError of kind `usage` */
export function parseStrict<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const [, option] = /'(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(text) ?? [];
    if (option !== undefined)
      throw new LensError('usage', `${option} expects a value; found something that starts with -.`, {
        cause: thrown,
        fix: `If it is the value, write ${option}= in front of it.`,
      });
    const [reason] = text.split(/\. |\.?\n/);
    throw new LensError('usage', `${reason ?? 'The options cannot be read'}.`, {
      cause: thrown,
      fix: 'Run `inference-lens --help` for every option. A file name that starts with - goes after --.',
    });
  }
}

/** What was given for an option, else its default. @throws LensError of kind `usage` */
function valueOf(row: OptionRow, values: Readonly<Record<string, unknown>>): unknown {
  const given = row.flag === null ? undefined : values[row.flag.name];
  const texts = Array.isArray(given) ? given.map(String) : typeof given === 'string' ? [given] : [];
  if (texts.length > 0 && row.flag !== null) return read(row, `--${row.flag.name}`, texts);
  return row.kind.is === 'path' && typeof row.default === 'string' ? resolve(row.default) : row.default;
}

/** @param texts one, or as many as the option was given */
function read({ kind, default: otherwise }: OptionRow, option: string, texts: readonly string[]): unknown {
  const text = texts.at(-1) ?? '';
  switch (kind.is) {
    case 'text':
      return text;
    case 'path':
      return resolve(text);
    case 'word':
      return oneOf(option, text, kind.words);
    case 'words': {
      const chosen = several(option, texts, kind.words);
      return chosen.length === 0 ? otherwise : chosen;
    }
    case 'count':
    case 'number':
      return numberWithin(option, text, kind);
    case 'box':
      return box(option, text);
    case 'strokes':
      return readStrokes(option, text);
  }
}

/** With commas or one by one; `all` stands for all. */
function several(option: string, texts: readonly string[], words: readonly Word[]): readonly string[] {
  const names = texts.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const chosen = names.flatMap((name) =>
    name === 'all' ? words.map(({ id }) => id) : [oneOf(option, name, words)],
  );
  return [...new Set(chosen)];
}

function box(option: string, text: string): BoxReport {
  const numbers = text.split(/[\s,]+/).map((word) => (word === '' ? NaN : Number(word)));
  const [x0, y0, x1, y1, ...rest] = numbers;
  const complete =
    x0 !== undefined && y0 !== undefined && x1 !== undefined && y1 !== undefined && rest.length === 0;
  if (!complete || !numbers.every(Number.isFinite) || x1 <= x0 || y1 <= y0) {
    throw new LensError(
      'usage',
      `${option} expects x0,y0,x1,y1 in pixels with x1 > x0 and y1 > y0; found "${text}".`,
      { fix: `For example: ${option} 173,68,280,174` },
    );
  }
  return [x0, y0, x1, y1];
}

function oneOf(option: string, value: string, words: readonly Word[]): string {
  if (words.some(({ id }) => id === value)) return value;
  const allowed = words.map(({ id }) => id).join(', ');
  throw new LensError('usage', `${option} expects one of ${allowed}; found "${value}".`);
}

function numberWithin(
  option: string,
  text: string,
  { is, least, most }: { readonly is: 'count' | 'number'; readonly least: number; readonly most: number },
): number {
  const value = Number(text);
  const form = is === 'count' ? /^\d+$/ : /^-?\d+(\.\d+)?$/;
  if (form.test(text) && value >= least && value <= most) return value;
  const what = is === 'count' ? 'whole number' : 'number';
  throw new LensError('usage', `${option} expects a ${what} from ${least} to ${most}; found "${text}".`);
}
