/** Sets listed in a file: CSV, TSV, JSON lines, and COCO's JSON. Paths are relative to the manifest's folder and stay below it. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import { createInterface } from 'node:readline';
import { LensError, throwIfAborted } from '../../errors';
import { isAddress, shownAddress } from '../fetch-picture';
import { cocoEntries } from './coco';
import { csvRecords } from './csv';
import type { Entry, PictureSet } from './entry';
import type { PathPattern } from './path-pattern';
import { SEPARATOR } from './several';

export interface ManifestOptions {
  /** Names of columns or keys; null for the first of the usual ones. */
  readonly pathColumn: string | null;
  readonly labelColumn: string | null;
  /** Replaces the label column. */
  readonly pattern: PathPattern | null;
  /** False to ignore labels. */
  readonly labelled: boolean;
  /** Folder that paths are relative to and stay below; null for the manifest's own. */
  readonly root: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Pictures may be addresses, which are fetched. */
  readonly fetch?: boolean;
}

/** In order of preference. */
const PATHS = ['path', 'image', 'file', 'filename', 'file_name', 'image_path', 'filepath', 'img'];
const LABELS = ['label', 'class', 'target', 'category', 'class_name', 'label_name', 'y'];

/** COCO's file is read whole; the largest published one has 450 MB, mostly masks. */
const MOST_JSON_BYTES = 512 * 2 ** 20;
const MOST_LINE = 1_000_000;

/** A path with its label, as written. */
interface Listed {
  readonly path: string;
  readonly label: string | null;
}

/** @throws LensError of kind `usage` that names the line */
export async function setOfManifest(manifest: string, options: ManifestOptions): Promise<PictureSet> {
  const root = options.root ?? dirname(manifest);
  const entries: Entry[] = [];
  const { pattern, labelled, signal } = options;
  for await (const { path, label } of listedIn(manifest, options)) {
    if (entries.length % 1000 === 0) throwIfAborted(signal);
    const shown = isAddress(path)
      ? knownAddress(path, manifest, options.fetch === true)
      : shownPath(path, root, manifest);
    const written = pattern === null ? label : pattern.labelOf(shown);
    const file = isAddress(path) ? path : join(root, shown);
    entries.push({ path: shown, file, label: labelled ? written : null });
  }
  if (entries.length > 0) return { source: manifest, root, entries, labelsGuessed: false };
  throw new LensError('usage', `${manifest}: expected a list of pictures, found none.`, {
    fix: 'Write one line for each picture, such as: path,label',
  });
}

/** Nothing is fetched without the option: a manifest may come from anywhere. @throws LensError of kind `usage` */
function knownAddress(address: string, manifest: string, fetch: boolean): string {
  if (fetch && URL.canParse(address)) return shownAddress(address);
  const shown = URL.canParse(address) ? shownAddress(address) : 'one that cannot be read';
  throw new LensError('usage', `${manifest}: expected paths of pictures, found the address ${shown}.`, {
    remedies: ['fetch-pictures'],
  });
}

/**
 * The same on every system: a manifest written on Windows with `\\` is read everywhere, and drive letters are refused everywhere.
 * @throws LensError of kind `usage` for a path that leaves the folder
 */
function shownPath(path: string, root: string, manifest: string): string {
  const written = path.replaceAll('\\', '/');
  const isElsewhere = !isAbsolute(written) && (win32.isAbsolute(written) || /^[A-Za-z]:/.test(written));
  const file = isAbsolute(written) ? written : resolve(root, written);
  const inside = relative(root, file);
  const isBelow = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  if (isBelow && !isElsewhere) return sep === '/' ? inside : inside.replaceAll(sep, '/');
  throw new LensError('usage', `${manifest}: expected paths below ${root}, found ${path}.`, {
    fix: 'A manifest names pictures of its own folder or those below.',
    remedies: ['other-root'],
  });
}

function listedIn(manifest: string, options: ManifestOptions): AsyncIterable<Listed> {
  switch (extname(manifest).toLowerCase()) {
    case '.csv':
      return fromTable(manifest, null, options);
    case '.tsv':
      return fromTable(manifest, '\t', options);
    case '.jsonl':
    case '.ndjson':
      return fromLines(manifest, options);
    case '.json':
      return fromCoco(manifest);
    default:
      throw new LensError(
        'usage',
        `${manifest}: expected a folder or a manifest (.csv, .tsv, .jsonl or COCO's .json), found another kind of file.`,
        { fix: 'One picture is analyzed, not evaluated.' },
      );
  }
}

async function* fromTable(
  manifest: string,
  separator: string | null,
  options: ManifestOptions,
): AsyncGenerator<Listed, void, undefined> {
  let columns: { readonly path: number; readonly label: number | null; readonly count: number } | null = null;
  let number = 0;
  for await (const record of csvRecords(manifest, separator)) {
    number += 1;
    if (columns === null) {
      const names = record.map((name) => name.trim());
      const [path, label] = keysOf(names, manifest, options);
      columns = {
        path: names.indexOf(path),
        label: label === null ? null : names.indexOf(label),
        count: names.length,
      };
      continue;
    }
    if (record.length !== columns.count)
      throw new LensError(
        'usage',
        `${manifest}: expected ${columns.count} fields in record ${number}, as in the first line; found ${record.length}.`,
        { fix: 'Quote fields that hold the separator.' },
      );
    const label = columns.label === null ? null : (record[columns.label] ?? '').trim();
    yield { path: requirePath(record[columns.path], manifest, number), label: label === '' ? null : label };
  }
}

async function* fromLines(
  manifest: string,
  options: ManifestOptions,
): AsyncGenerator<Listed, void, undefined> {
  const lines = createInterface({ input: createReadStream(manifest, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const record = line.length > MOST_LINE ? null : objectIn(line);
    if (record === null)
      throw new LensError(
        'usage',
        `${manifest}: expected a JSON object on line ${number}, found something else.`,
        {
          fix: 'Write one object a line, such as {"path": "cat/1.png", "label": "cat"}.',
        },
      );
    const [pathKey, labelKey] = keysOf(Object.keys(record), manifest, options);
    const label = labelKey === null ? null : record[labelKey];
    yield {
      path: requirePath(record[pathKey], manifest, number),
      label: label === null || label === undefined ? null : labelText(label, manifest, number),
    };
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

function labelText(label: unknown, manifest: string, number: number): string {
  if (typeof label === 'string') return label;
  if (typeof label === 'number' && Number.isInteger(label)) return String(label);
  if (Array.isArray(label)) {
    const [first, ...others] = label.map((each) =>
      Array.isArray(each) ? '' : labelText(each, manifest, number),
    );
    if (others.length === 0 && first !== undefined) return first;
    return first === undefined ? SEPARATOR : [first, ...others].join(SEPARATOR);
  }
  throw new LensError(
    'usage',
    `${manifest}: expected a label, a text or a class index, or a list of them, in record ${number}; found ${JSON.stringify(label).slice(0, 80)}.`,
    { fix: 'Write the label as text, or several as a list of texts.' },
  );
}

async function* fromCoco(manifest: string): AsyncGenerator<Listed, void, undefined> {
  const { size } = await stat(manifest);
  if (size > MOST_JSON_BYTES)
    throw new LensError('usage', `${manifest}: too large: ${size} bytes, more than ${MOST_JSON_BYTES}.`, {
      fix: 'Write the pictures and their labels as JSON lines, which are read one by one.',
    });
  yield* cocoEntries(await readFile(manifest, 'utf8'), manifest);
}

function keysOf(
  names: readonly string[],
  manifest: string,
  { pathColumn, labelColumn, pattern, labelled }: ManifestOptions,
): readonly [path: string, label: string | null] {
  const find = (wanted: string | null, usual: readonly string[]): string | undefined =>
    wanted === null
      ? usual.flatMap((name) => names.find((each) => each.toLowerCase() === name) ?? [])[0]
      : names.find((name) => name === wanted);
  const path = find(pathColumn, PATHS);
  const label = labelled && pattern === null ? find(labelColumn, LABELS) : undefined;
  const missing =
    path === undefined
      ? (['path', pathColumn ?? PATHS.join(', ')] as const)
      : labelColumn !== null && label === undefined
        ? (['label', labelColumn] as const)
        : null;
  if (missing === null && path !== undefined) return [path, label ?? null];
  const [what, wanted] = missing ?? ['path', ''];
  throw new LensError(
    'usage',
    `${manifest}: expected a column for the ${what} (${wanted}), found ${names.slice(0, 20).join(', ') || 'nothing'}.`,
    { remedies: ['name-columns'] },
  );
}

function requirePath(path: unknown, manifest: string, number: number): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  throw new LensError('usage', `${manifest}: expected a path in record ${number}, found none.`, {
    fix: 'Each picture needs the path of its file.',
  });
}
