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

/** One per line. Teachable Machine's lines begin with the index, which goes where all have it in order, and ImageNet's with a synset. */
function fromLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const trimmed = lines.map((line) => line.trim());
  const numbered = trimmed.every(
    (line, index) => line.startsWith(`${index} `) || line.startsWith(`${index}:`),
  );
  const plainNames = numbered
    ? trimmed.map((line, index) => line.slice(String(index).length + 1).trim())
    : trimmed;
  return plainNames.every((line) => SYNSET.test(line))
    ? plainNames.map((line) => line.replace(SYNSET, ''))
    : plainNames;
}

/** `n01440764 tench, Tinca tinca`. */
const SYNSET = /^n\d{8}\s+(?=\S)/;

const NAME_COLUMNS = ['name', 'label', 'class', 'class_name', 'display_name', 'category'];
const INDEX_COLUMNS = ['index', 'id', 'class_id', 'label_id', 'idx'];

/** The column whose head means a name, else the last one; ordered by the column whose head means an index. */
function fromCsv(text: string): readonly string[] {
  const rows = text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .map(cellsOf);
  const head = (rows[0] ?? []).map((cell) => cell.toLowerCase());
  const named = NAME_COLUMNS.map((name) => head.indexOf(name)).find((at) => at >= 0);
  const body = named === undefined ? rows : rows.slice(1);
  // Without a head a column of whole numbers is the index.
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, at) => at);
  const isIndex = (at: number): boolean => body.every((cells) => /^\d+$/.test(cells[at] ?? ''));
  const index =
    named === undefined ? columns.findIndex(isIndex) : head.findIndex((cell) => INDEX_COLUMNS.includes(cell));
  const column = named ?? columns.findLast((at) => !isIndex(at)) ?? width - 1;
  const labels = body.map((cells) => cells[column] ?? '');
  if (index < 0 || index === column) return labels;
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

/** Keys under which writers keep the names; `label2id` is inverted. */
const LIST_KEYS = ['id2label', 'label_names', 'labels', 'names', 'classes', 'class_names'] as const;

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
  const labels = inverted(value['label2id']);
  if (labels !== null) return { labels, key: 'label2id' };
  // Keras' `class_indices`.
  const byName = inverted(value);
  return byName === null ? null : plain(byName);
}

/** From indices by name to names by index. */
function inverted(value: unknown): readonly string[] | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, number] => Number.isInteger(entry[1]))) return null;
  return inOrder(entries.map(([name, index]) => [String(index), name] as const));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A list of strings, or an object whose keys are 0, 1, 2, ...; Keras' list of ImageNet has a synset and a name at each. */
function namesOf(value: unknown): readonly string[] | null {
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string') ? value : null;
  if (!isRecord(value)) return null;
  const entries = Object.entries(value).map(([index, name]) => [index, nameIn(name)] as const);
  if (!entries.every((entry): entry is [string, string] => entry[1] !== null)) return null;
  return inOrder(entries);
}

function nameIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const [synset, name, ...more] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const isPair = typeof synset === 'string' && SYNSET.test(`${synset} x`) && more.length === 0;
  return isPair && typeof name === 'string' ? name : null;
}

/** Null where the indices are not 0, 1, 2, ... without a gap. */
function inOrder(entries: readonly (readonly [index: string, name: string])[]): readonly string[] | null {
  if (entries.length === 0) return null;
  const labels = new Array<string | undefined>(entries.length).fill(undefined);
  for (const [index, name] of entries) if (/^\d{1,6}$/.test(index)) labels[Number(index)] = name;
  const complete = labels.length === entries.length && labels.every((name) => name !== undefined);
  return complete ? labels : null;
}

/** Keys of an ONNX file's metadata that hold its classes, the most specific first. */
const METADATA_KEYS = ['names', ...LIST_KEYS.filter((key) => key !== 'names')] as const;

/** What an ONNX file's own metadata calls its classes: as Python or JSON writes a list or dict, or one per line or between commas. */
export function labelsInMetadata(metadata: ReadonlyMap<string, string>): LabelList | null {
  for (const key of METADATA_KEYS) {
    const labels = namesInEntry(metadata.get(key) ?? '');
    if (labels !== null && labels.length > 0) return { labels, key };
  }
  const config = metadata.get('config');
  const inside = config === undefined ? null : fromJson(config);
  if (inside !== null && inside.key !== null)
    return { labels: inside.labels, key: `${inside.key} of config` };
  const character = metadata.get('character');
  if (character === undefined) return null;
  const labels = fromLines(character);
  return labels.length > 0 ? { labels, key: 'character' } : null;
}

function namesInEntry(text: string): readonly string[] | null {
  const written = namesOfLiteral(pythonLiteral(text)) ?? fromJson(text)?.labels;
  if (written !== undefined) return written;
  if (/^\s*[[{(]/.test(text)) return null;
  if (/\n/.test(text.trim())) return fromLines(text);
  return text.includes(',') ? text.split(',').map((name) => name.trim()) : null;
}

function namesOfLiteral(value: PythonValue | undefined): readonly string[] | null {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string | number, PythonValue>)];
    if (!entries.every((entry): entry is [string | number, string] => typeof entry[1] === 'string'))
      return null;
    return withGaps(entries.map(([index, name]) => [String(index), name] as const));
  }
  if (!Array.isArray(value)) return null;
  const list = value as readonly PythonValue[];
  return list.every((name) => typeof name === 'string') ? list : null;
}

/** Classes that a dict leaves out exist but have no name: the count is compared with the network's. */
function withGaps(entries: readonly (readonly [index: string, name: string])[]): readonly string[] | null {
  const complete = inOrder(entries);
  if (complete !== null) return complete;
  const indices = entries.map(([index]) => (/^\d{1,6}$/.test(index) ? Number(index) : NaN));
  const count = Math.max(...indices) + 1;
  if (!(count <= MOST_GAPS * entries.length)) return null;
  const names = new Map(entries.map(([, name], i) => [indices[i], name]));
  return Array.from({ length: count }, (_, index) => names.get(index) ?? `class ${index}`);
}

/** At more indices than this per name, it is not a list of classes. */
const MOST_GAPS = 4;
