/** One model of the store, as its JSON file describes it; validated when it is read, since anyone can edit it. */
import { createHash } from 'node:crypto';
import { LensError } from '../errors';
import { shipped } from './shipped';

/** One of the files that weights consist of. */
export interface StoredFile {
  /** Relative to the main file's folder, with `/` between its parts. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Of the records that are written. Those without a version are of one file. */
export const RECORD_VERSION = 2;

export interface StoredModel {
  readonly version: typeof RECORD_VERSION;
  readonly id: string;
  /** Of the main file. */
  readonly sha256: string;
  /**
   * The file's own name when it was imported; the blob has the same name, because names can decide the
   * architecture.
   */
  readonly fileName: string;
  /** Of all files. */
  readonly bytes: number;
  /** The main file first. */
  readonly files: readonly StoredFile[];
  readonly format: string;
  readonly task: 'classifier' | 'detector';
  readonly architecture: string;
  readonly parameters: number;
  /** ISO 8601, UTC. */
  readonly importedAt: string;
  readonly notes: readonly string[];
  /** The state dict of the file that was requested on import; absent where none was. */
  readonly stateDict?: string;
  /** Text of the lens that was given with it; absent where none was. */
  readonly lens?: string;
  /** The one that is read, and others of the file; absent where it holds one. */
  readonly stateDicts?: { readonly read: string; readonly others: readonly string[] };
}

/** What `--weights` calls the weights that are generated, and those that ship. */
const RESERVED: readonly string[] = ['demo', shipped.id];

/** Ids are file names on every platform: short, plain, and none of Windows' device names. */
export function checkId(id: string): string {
  const plain =
    /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(id) && !id.endsWith('.') && !RESERVED.includes(id.toLowerCase());
  if (plain && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(id)) return id;
  throw new LensError('usage', `"${id}" cannot be the id of a model.`, {
    fix:
      'An id has up to 64 letters, digits, dots, dashes and underscores, and starts with a letter or digit; ' +
      `${RESERVED.map((name) => `"${name}"`).join(' and ')} are taken by weights that need no import.`,
  });
}

/** An id made from a file's name. */
export function idFromFileName(fileName: string): string {
  const stem = fileName.replace(/(\.(tar|pth|pt|ckpt|bin|zip|safetensors|onnx))?(\.index\.json)?$/i, '');
  const plain = stem
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+/i, '')
    .replace(/\.+$/, '');
  if (plain.toLowerCase() === shipped.id) return `${plain}-own`;
  try {
    return checkId(plain.slice(0, 64));
  } catch {
    return 'model';
  }
}

/** @throws LensError of kind `model` naming the file if it is not the entry of `id` */
export function parseEntry(text: string, path: string, id: string): StoredModel {
  const broken = (found: string): LensError =>
    new LensError('model', `${path}: expected the store's record of a model, found ${found}.`, {
      fix: 'The record is damaged.',
      remedies: [{ do: 'remove-model', id }, 'import-file'],
    });
  let value: Partial<Record<keyof StoredModel, unknown>> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw broken('text that is not JSON');
  }
  const strings = [value?.id, value?.fileName, value?.format, value?.architecture, value?.importedAt];
  const complete =
    strings.every((field) => typeof field === 'string') &&
    /^[0-9a-f]{64}$/.test(String(value?.sha256)) &&
    (value?.task === 'classifier' || value?.task === 'detector') &&
    Number.isSafeInteger(value.bytes) &&
    Number.isSafeInteger(value.parameters) &&
    Array.isArray(value.notes) &&
    (value.stateDict === undefined || typeof value.stateDict === 'string') &&
    (value.lens === undefined || typeof value.lens === 'string');
  if (value === null || !complete || /[/\\]/.test(String(value.fileName)))
    throw broken('fields that are missing or of another type');
  // File systems that ignore case find `FSBI` where `fsbi` is requested.
  if (String(value.id).toLowerCase() !== id.toLowerCase()) throw broken(`that of "${String(value.id)}"`);
  const { version, files } = value;
  if (version === undefined) return withFiles(value as Omit<StoredModel, 'files' | 'version'>);
  if (Number(version) !== RECORD_VERSION) throw broken(`one of version ${JSON.stringify(version)}`);
  if (!areFiles(files, value)) throw broken('a list of files that is not one');
  return value as StoredModel;
}

/** Records without a version are of one file. */
const withFiles = (model: Omit<StoredModel, 'files' | 'version'>): StoredModel => ({
  ...model,
  version: RECORD_VERSION,
  files: [{ name: model.fileName, sha256: model.sha256, bytes: model.bytes }],
});

/** Names stay below the folder, none occurs twice, and the first is the main file. */
function areFiles(
  files: unknown,
  { fileName, sha256, bytes }: Partial<Record<keyof StoredModel, unknown>>,
): boolean {
  if (!Array.isArray(files) || !files.every(isFile)) return false;
  const [main] = files;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const names = new Set(files.map(({ name }) => name));
  return main?.name === fileName && main?.sha256 === sha256 && total === bytes && names.size === files.length;
}

function isFile(value: unknown): value is StoredFile {
  const { name, sha256, bytes } = (value ?? {}) as Partial<Record<keyof StoredFile, unknown>>;
  return (
    typeof name === 'string' &&
    name.split('/').every((part) => !['', '.', '..'].includes(part) && !/[\\\0:]/.test(part)) &&
    /^[0-9a-f]{64}$/.test(String(sha256)) &&
    Number.isSafeInteger(bytes)
  );
}

/** The folder that keeps the files: the hash of the only one, else that of the names and hashes of all. */
export function blobName(files: readonly StoredFile[]): string {
  const [only, ...more] = files;
  if (only !== undefined && more.length === 0) return only.sha256;
  const lines = [...files].map(({ name, sha256 }) => `${sha256}  ${name}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** The task of a record that is otherwise broken; null where it does not say. */
export function taskIn(text: string): StoredModel['task'] | null {
  const task = /"task"\s*:\s*"(classifier|detector)"/.exec(text)?.[1];
  return task === 'classifier' || task === 'detector' ? task : null;
}
