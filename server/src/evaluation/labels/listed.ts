/** Pictures with their labels as a table or JSON lines list them, each with its line. */
import { LensError } from '../../errors';
import { csvRecords } from './csv';
import { SEPARATOR } from './several';
import { numberedLines } from './text';

/** A path with its label, as written. */
export interface Listed {
  readonly path: string;
  readonly label: string | null;
  /** From 1; null where the file's form has none that mean anything. */
  readonly line: number | null;
}

export interface Columns {
  /** Names of columns or keys; null for the first of the usual ones. */
  readonly pathColumn: string | null;
  readonly labelColumn: string | null;
  /** False where labels are ignored, or come from paths. */
  readonly labelled: boolean;
}

/** In order of preference. */
const PATHS = ['path', 'image', 'file', 'filename', 'file_name', 'image_path', 'filepath', 'img'];
export const LABELS = ['label', 'class', 'target', 'category', 'class_name', 'label_name', 'y'];

/** @param separator null for the file's own */
export async function* fromTable(
  manifest: string,
  separator: string | null,
  wanted: Columns,
): AsyncGenerator<Listed, void, undefined> {
  let columns: { readonly path: number; readonly label: number | null; readonly count: number } | null = null;
  for await (const { fields, line } of csvRecords(manifest, separator)) {
    const at = `${manifest}:${line}`;
    if (columns === null) {
      columns = columnsIn(fields, at, wanted);
      continue;
    }
    if (fields.length !== columns.count)
      throw new LensError(
        'usage',
        `${at}: expected ${columns.count} fields, as in the first line; found ${fields.length}.`,
        { fix: 'Quote fields that hold the separator.' },
      );
    const label = columns.label === null ? '' : (fields[columns.label] ?? '').trim();
    yield { path: requirePath(fields[columns.path], at), label: label === '' ? null : label, line };
  }
}

function columnsIn(fields: readonly string[], at: string, wanted: Columns) {
  const names = fields.map((name) => name.trim());
  const placeOf = (name: string): number => {
    const [first = -1, second] = names.flatMap((each, index) => (each === name ? [index] : []));
    if (second === undefined) return first;
    throw new LensError('usage', `${at}: expected one column "${name}", found several.`, {
      fix: 'Rename one of them.',
    });
  };
  const { path, label } = keysOf(names, at, wanted, 'The first line names the columns, such as: path,label.');
  return { path: placeOf(path), label: label === null ? null : placeOf(label), count: names.length };
}

export async function* fromLines(manifest: string, wanted: Columns): AsyncGenerator<Listed, void, undefined> {
  for await (const { text, line } of numberedLines(manifest)) {
    if (text.trim() === '') continue;
    const at = `${manifest}:${line}`;
    const record = objectIn(text);
    if (record === null)
      throw new LensError('usage', `${at}: expected a JSON object, found something else.`, {
        fix: 'Write one object a line, such as {"path": "cat/1.png", "label": "cat"}.',
      });
    const keys = keysOf(Object.keys(record), at, wanted);
    const label = keys.label === null ? null : record[keys.label];
    const written = label === null || label === undefined ? '' : labelText(label, at);
    yield { path: requirePath(record[keys.path], at), label: written === '' ? null : written, line };
  }
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function labelText(label: unknown, at: string): string {
  if (typeof label === 'string') return label;
  if (typeof label === 'number' && Number.isInteger(label)) return String(label);
  if (Array.isArray(label)) {
    const [first, ...others] = label.map((each) => (Array.isArray(each) ? '' : labelText(each, at)));
    if (others.length === 0 && first !== undefined) return first;
    return first === undefined ? SEPARATOR : [first, ...others].join(SEPARATOR);
  }
  throw new LensError(
    'usage',
    `${at}: expected a label, a text or a class index, or a list of them; found ${JSON.stringify(label).slice(0, 80)}.`,
    { fix: 'Write the label as text, or several as a list of texts.' },
  );
}

/** @param hint what else may be wrong where no name is a usual one */
function keysOf(
  names: readonly string[],
  at: string,
  { pathColumn, labelColumn, labelled }: Columns,
  hint?: string,
): { readonly path: string; readonly label: string | null } {
  const find = (wanted: string | null, usual: readonly string[]): string | undefined =>
    wanted === null
      ? usual.flatMap((name) => names.find((each) => each.toLowerCase() === name) ?? [])[0]
      : names.find((name) => name === wanted);
  const refused = (what: string, wanted: string): LensError =>
    new LensError(
      'usage',
      `${at}: expected a column for the ${what} (${wanted}), found ${names.slice(0, 20).join(', ').slice(0, 200) || 'nothing'}.`,
      { ...(hint === undefined ? {} : { fix: hint }), remedies: ['name-columns'] },
    );
  const path = find(pathColumn, PATHS);
  if (path === undefined) throw refused('path', pathColumn ?? PATHS.join(', '));
  const label = labelled ? find(labelColumn, LABELS) : undefined;
  if (labelColumn !== null && labelled && label === undefined) throw refused('label', labelColumn);
  return { path, label: label ?? null };
}

function requirePath(path: unknown, at: string): string {
  if (typeof path === 'string' && path.trim() !== '' && !path.includes('\0')) return path;
  throw new LensError('usage', `${at}: expected a path, found none.`, {
    fix: 'Each picture needs the path of its file.',
  });
}
