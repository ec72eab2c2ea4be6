/** Sets listed in a file: CSV, TSV, JSON lines, and COCO's JSON. Paths are relative to the manifest's folder and stay below it. */
import { basename, dirname, extname, isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { LensError, throwIfAborted } from '../../errors';
import { isAddress, shownAddress } from '../fetch-picture';
import { cocoEntries } from './coco';
import { apart, EntryBelow, interned, type Entry, type PictureSet } from './entry';
import { fromLines, fromTable, LABELS, type Listed } from './listed';
import type { PathPattern } from './path-pattern';

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

/** @throws LensError of kind `usage` that names the line */
export async function setOfManifest(manifest: string, options: ManifestOptions): Promise<PictureSet> {
  const root = options.root ?? dirname(manifest);
  const entries: Entry[] = [];
  const once = new Once(manifest, entries);
  const sameLabel = interned();
  const { pattern, labelled, signal } = options;
  for await (const { path, label, line } of listedIn(manifest, options)) {
    if (entries.length % 1000 === 0) throwIfAborted(signal);
    const at = line === null ? manifest : `${manifest}:${line}`;
    const shown = isAddress(path)
      ? knownAddress(path, at, options.fetch === true)
      : shownPath(path, root, at);
    const written = pattern === null ? label : pattern.labelOf(shown);
    const own = labelled && written !== null ? sameLabel(written) : null;
    const entry = isAddress(path)
      ? { path: apart(shown), file: apart(path), label: own }
      : new EntryBelow(root, apart(shown), own);
    once.require(entry, line);
    entries.push(entry);
  }
  if (entries.length === 0)
    throw new LensError('usage', `${manifest}: expected a list of pictures, found none.`, {
      fix: 'Write one line for each picture, such as: path,label',
    });
  const isBare = labelled && pattern === null && entries.every(({ label }) => label === null);
  const note = `No metrics: none of the ${entries.length} pictures of ${basename(manifest)} has a label, in a column or key such as ${LABELS.slice(0, 3).join(', ')}.`;
  return { source: manifest, root, entries, labelsGuessed: false, ...(isBare ? { note } : {}) };
}

/** A picture that is listed twice would count twice, perhaps with two labels. */
class Once {
  private readonly seen = new Set<string>();
  /** Of each picture so far. */
  private readonly lines: (number | null)[] = [];

  constructor(
    private readonly manifest: string,
    private readonly entries: readonly Entry[],
  ) {}

  /** @param entry the next one @throws LensError of kind `usage` */
  require(entry: Entry, line: number | null): void {
    this.lines.push(line);
    // A path below the folder stands for its file; of an address a part may not be shown.
    const key = keyOf(entry);
    if (this.seen.size < this.seen.add(key).size) return;
    const first = this.entries.findIndex((other) => keyOf(other) === key);
    const label = this.entries[first]?.label ?? null;
    const there = line === null ? '' : `, first on line ${this.lines[first]}`;
    const labels =
      label === entry.label
        ? ''
        : `; its label is ${inQuotes(entry.label)} here and ${inQuotes(label)} there`;
    throw new LensError(
      'usage',
      `${this.manifest}${line === null ? '' : `:${line}`}: expected each picture once, found ${entry.path} again${there}${labels}.`,
      { fix: 'List it once; several labels of one picture go into one field, such as cat|dog.' },
    );
  }
}

const keyOf = (entry: Entry): string => (entry instanceof EntryBelow ? entry.path : entry.file);

const inQuotes = (label: string | null): string => (label === null ? 'none' : `"${label}"`);

/** Nothing is fetched without the option: a manifest may come from anywhere. @throws LensError of kind `usage` */
function knownAddress(address: string, at: string, fetch: boolean): string {
  if (fetch && URL.canParse(address)) return shownAddress(address);
  const shown = URL.canParse(address) ? shownAddress(address) : 'one that cannot be read';
  throw new LensError('usage', `${at}: expected paths of pictures, found the address ${shown}.`, {
    remedies: ['fetch-pictures'],
  });
}

/**
 * The same on every system: a manifest written on Windows with `\\` is read everywhere, and drive letters are refused everywhere.
 * @throws LensError of kind `usage` for a path that leaves the folder
 */
function shownPath(path: string, root: string, at: string): string {
  const written = path.replaceAll('\\', '/');
  const isElsewhere = !isAbsolute(written) && (win32.isAbsolute(written) || /^[A-Za-z]:/.test(written));
  const file = isAbsolute(written) ? written : resolve(root, written);
  const inside = relative(root, file);
  const isBelow = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  if (isBelow && !isElsewhere) return sep === '/' ? inside : inside.replaceAll(sep, '/');
  throw new LensError('usage', `${at}: expected paths below ${root}, found ${path}.`, {
    fix: 'A manifest names pictures of its own folder or those below.',
    remedies: ['other-root'],
  });
}

function listedIn(manifest: string, options: ManifestOptions): AsyncIterable<Listed> {
  const { pathColumn, labelColumn, labelled, pattern } = options;
  const columns = { pathColumn, labelColumn, labelled: labelled && pattern === null };
  switch (extname(manifest).toLowerCase()) {
    case '.csv':
      return fromTable(manifest, null, columns);
    case '.tsv':
      return fromTable(manifest, '\t', columns);
    case '.jsonl':
    case '.ndjson':
      return fromLines(manifest, columns);
    case '.json':
      return fromCoco(manifest);
    default:
      throw new LensError(
        'usage',
        `${manifest}: expected a folder or a manifest (.csv, .tsv, .jsonl or COCO's .json), found another kind of file.`,
        { fix: 'To look at one picture, analyze it instead.' },
      );
  }
}

async function* fromCoco(manifest: string): AsyncGenerator<Listed, void, undefined> {
  for await (const entry of cocoEntries(manifest)) yield { ...entry, line: null };
}
