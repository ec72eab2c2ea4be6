/** Lists of class names, in the forms in which people keep them beside a model. */
import { jsonExcess } from '../../../protocol/json-bounds';
import type { PythonValue } from './python-literal';
import { pythonLiteral } from './python-literal';

/** Bytes of a file of labels. */
export const MOST_LABEL_BYTES = 1_000_000;

/** Of a file of labels, and of one name. */
const JSON_BOUNDS = { depth: 16, values: 500_000, text: 1000 } as const;

export interface LabelList {
  readonly labels: readonly string[];
  /** Which part of the file holds them, such as `id2label`; null for the whole file. */
  readonly key: string | null;
}

/**
 * By the file's name: `.json`, `.csv`, and one name a line for all others.
 * @returns null where the file holds no list of names
 */
export function labelsIn(name: string, text: string): LabelList | null {
  const clean = text.replace(/^\uFEFF/, '');
  const found = /\.json$/i.test(name)
    ? fromJson(clean)
    : plain(/\.csv$/i.test(name) ? fromCsv(clean) : fromLines(clean));
  return found !== null && found.labels.length > 0 ? found : null;
}

const plain = (labels: readonly string[]): LabelList => ({ labels, key: null });

/** One a line. Teachable Machine's lines begin with the index, which goes where all have it in order. */
function fromLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const trimmed = lines.map((line) => line.trim());
  const numbered = trimmed.every(
    (line, index) => line.startsWith(`${index} `) || line.startsWith(`${index}:`),
  );
  return numbered ? trimmed.map((line, index) => line.slice(String(index).length + 1).trim()) : trimmed;
}

const NAME_COLUMNS = ['name', 'label', 'class', 'class_name', 'display_name', 'category'];
const INDEX_COLUMNS = ['index', 'id', 'class_id', 'label_id', 'idx'];

/** The column that is called a name, else the last; in the order of the one that is called an index. */
function fromCsv(text: string): readonly string[] {
  const rows = text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .map(cellsOf);
  const head = (rows[0] ?? []).map((cell) => cell.toLowerCase());
  const named = NAME_COLUMNS.map((name) => head.indexOf(name)).find((at) => at >= 0);
  const body = named === undefined ? rows : rows.slice(1);
  const index = head.findIndex((cell) => INDEX_COLUMNS.includes(cell));
  const labels = body.map((cells) => cells[named ?? cells.length - 1] ?? '');
  if (named === undefined || index < 0) return labels;
  return inOrder(body.map((cells, row) => [cells[index] ?? '', labels[row] ?? ''] as const)) ?? [];
}

/** Cells of a line of CSV; quotes hold commas, and two of them are one. */
function cellsOf(line: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] ?? '';
    if (c === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (c === '"') quoted = !quoted;
    else if (c === ',' && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += c;
  }
  return [...cells, cell.trim()];
}

/** Keys under which writers keep the names; `label2id` is the other way round. */
const LIST_KEYS = ['id2label', 'label_names', 'labels', 'names', 'classes', 'class_names'];

function fromJson(text: string): LabelList | null {
  if (jsonExcess(text, JSON_BOUNDS) !== null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const whole = namesOf(value);
  if (whole !== null) return plain(whole);
  if (!isRecord(value)) return null;
  for (const key of LIST_KEYS) {
    const labels = Object.hasOwn(value, key) ? namesOf(value[key]) : null;
    if (labels !== null) return { labels, key };
  }
  const inverse = isRecord(value['label2id']) ? Object.entries(value['label2id']) : [];
  const labels = inOrder(inverse.map(([name, index]) => [String(index), name] as const));
  return labels === null ? null : { labels, key: 'label2id' };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A list of strings, or an object whose keys are 0, 1, 2, ... */
function namesOf(value: unknown): readonly string[] | null {
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string') ? value : null;
  if (!isRecord(value)) return null;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return null;
  return inOrder(entries);
}

/** Null where the indices are not 0, 1, 2, ... without a gap. */
function inOrder(entries: readonly (readonly [index: string, name: string])[]): readonly string[] | null {
  if (entries.length === 0) return null;
  const labels = new Array<string | undefined>(entries.length).fill(undefined);
  for (const [index, name] of entries) if (/^\d{1,6}$/.test(index)) labels[Number(index)] = name;
  const complete = labels.length === entries.length && labels.every((name) => name !== undefined);
  return complete ? labels : null;
}

/** What an ONNX file's own metadata calls its classes. */
export function labelsInMetadata(metadata: ReadonlyMap<string, string>): LabelList | null {
  const names = metadata.get('names');
  if (names !== undefined) {
    const labels = namesOfLiteral(pythonLiteral(names));
    if (labels !== null) return { labels, key: 'names' };
  }
  for (const key of ['id2label', 'labels', 'classes'])
    if (metadata.has(key)) {
      const found = fromJson(metadata.get(key) ?? '');
      if (found !== null) return { labels: found.labels, key };
    }
  const character = metadata.get('character');
  if (character === undefined) return null;
  const labels = fromLines(character);
  return labels.length > 0 ? { labels, key: 'character' } : null;
}

function namesOfLiteral(value: PythonValue | undefined): readonly string[] | null {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string | number, PythonValue>)];
    if (!entries.every((entry): entry is [string | number, string] => typeof entry[1] === 'string'))
      return null;
    return inOrder(entries.map(([index, name]) => [String(index), name] as const));
  }
  if (!Array.isArray(value)) return null;
  const list = value as readonly PythonValue[];
  return list.every((name) => typeof name === 'string') ? list : null;
}
