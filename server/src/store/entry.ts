/** One model of the store, as its JSON file says; read back with suspicion, since anyone can edit it. */
import { LensError } from '../errors';

export interface StoredModel {
  readonly id: string;
  readonly sha256: string;
  /** The file's own name when it was imported; the blob keeps it, because names can decide the architecture. */
  readonly fileName: string;
  readonly bytes: number;
  readonly format: string;
  readonly task: 'classifier' | 'detector';
  readonly architecture: string;
  readonly parameters: number;
  /** ISO 8601, UTC. */
  readonly importedAt: string;
  readonly notes: readonly string[];
  /** The state dict of the file that was asked for on import; absent where none was. */
  readonly stateDict?: string;
  /** The one that is read, and others of the file; absent where it holds one. */
  readonly stateDicts?: { readonly read: string; readonly others: readonly string[] };
}

/** What `--weights` calls the weights that are generated. */
const RESERVED = 'demo';

/** Ids are file names on every platform: short, plain, and none of Windows' device names. */
export function checkId(id: string): string {
  const plain = /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(id) && !id.endsWith('.') && id.toLowerCase() !== RESERVED;
  if (plain && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(id)) return id;
  throw new LensError('usage', `"${id}" cannot be the id of a model.`, {
    fix:
      'Use up to 64 letters, digits, dots, dashes and underscores, starting with a letter or digit; ' +
      `"${RESERVED}" is taken by the demo weights.`,
  });
}

/** An id made from a file's name. */
export function idFromFileName(fileName: string): string {
  const stem = fileName.replace(/\.(tar|pth|pt|ckpt|bin|zip|safetensors|onnx)$/i, '');
  const plain = stem
    .replace(/[^a-z0-9._-]+/gi, '-')
    .replace(/^[^a-z0-9]+/i, '')
    .replace(/\.+$/, '');
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
      fix: 'Remove the file and import the model again.',
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
    (value.stateDict === undefined || typeof value.stateDict === 'string');
  if (!complete || /[/\\]/.test(String(value?.fileName)))
    throw broken('fields that are missing or of another type');
  // File systems that ignore case find `FSBI` where `fsbi` is asked for.
  if (String(value?.id).toLowerCase() !== id.toLowerCase()) throw broken(`that of "${String(value?.id)}"`);
  return value as StoredModel;
}

/** What a record that is otherwise broken was for; null where it does not tell. */
export function taskIn(text: string): StoredModel['task'] | null {
  const task = /"task"\s*:\s*"(classifier|detector)"/.exec(text)?.[1];
  return task === 'classifier' || task === 'detector' ? task : null;
}
