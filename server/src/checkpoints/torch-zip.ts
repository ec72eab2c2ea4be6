/**
 * Reads the format that `torch.save` has written since PyTorch 1.6: a zip with `<name>/data.pkl`, which refers to the
 * storages `<name>/data/<key>`, and small notes beside them (`version`, `byteorder`, `.format_version`).
 * Source: torch/serialization.py, caffe2/serialize/inline_container.cc.
 */
import { throwIfAborted } from '../errors';
import type { CheckpointParts } from './checkpoint';
import { CheckpointError, nameList, quoted } from './error';
import type { Where } from './error';
import { RangeSource } from './file';
import type { ByteSource } from './file';
import { PickleInput } from './pickle/input';
import { pickleLimits } from './pickle/limits';
import { unpickle } from './pickle/unpickle';
import type { StorageRef } from './pickle/values';
import { selectStateDict } from './select';
import type { StoredTensor } from './tensor';
import { storageRef } from './torch-storage';
import type { ZipArchive } from './zip/archive';
import type { ZipEntry } from './zip/directory';

/** The newest file format version of PyTorch (kMaxSupportedFileFormatVersion). */
const newestVersion = 10;

export interface TorchOptions {
  readonly path: string;
  readonly where: Where;
  /** The state dict to use, where there are several. */
  readonly location: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The prefix of all members, such as "archive/"; null where this is not a file of `torch.save`. */
export function torchPrefix(archive: ZipArchive, where: Where): string | null {
  const pickles = [...archive.entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  const [only] = pickles;
  if (only === undefined) return null;
  if (pickles.length > 1) {
    throw new CheckpointError(
      where,
      `holds ${pickles.length} checkpoints, ${nameList(pickles)}; expected one`,
      {
        kind: 'unsupported',
        fix: 'Unpack the archive and give the path of one checkpoint.',
      },
    );
  }
  return only.slice(0, -'data.pkl'.length);
}

/** Reads the object and finds its state dict; tensors' contents stay in the file. */
export async function readTorchZip(
  archive: ZipArchive,
  prefix: string,
  options: TorchOptions,
): Promise<CheckpointParts> {
  const { path, where, signal } = options;
  if (archive.entries.has(`${prefix}constants.pkl`)) {
    throw new CheckpointError(where, 'is a TorchScript program (torch.jit.save); expected weights', {
      kind: 'unsupported',
      fix: 'In Python, save its weights with torch.save(torch.jit.load(path).state_dict(), "weights.pth"), or export it with torch.onnx.export.',
    });
  }
  await checkVersion(archive, prefix, where);
  const bigEndian = (await note(archive, `${prefix}byteorder`, where)) === 'big';
  const member = `${prefix}data.pkl`;
  const bytes = await readMember(archive, member, pickleLimits.bytes, where);
  throwIfAborted(signal);
  const unknown = new Set<string>();
  const root = unpickle(new PickleInput(bytes, { ...where, member }), storageRef, unknown);
  const { tensors, location, others, skipped } = selectStateDict(root, where, options.location);
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const entry = storageEntry(archive, prefix, tensor.storage, name, where);
    stored.set(name, {
      dtype: tensor.element.name,
      shape: tensor.shape,
      strides: tensor.strides,
      offset: tensor.offset,
      open: async () => part(await archive.member(entry), tensor.storage),
      bigEndian,
    });
  }
  return {
    format: 'torch-zip',
    path,
    tensors: stored,
    location,
    others,
    unknownNames: [...unknown],
    skipped,
    signal,
  };
}

function part(source: ByteSource, storage: StorageRef): ByteSource {
  const whole = storage.byteOffset === 0 && storage.byteLength === source.size;
  return whole ? source : new RangeSource(source, storage.byteOffset, storage.byteLength);
}

function storageEntry(
  archive: ZipArchive,
  prefix: string,
  storage: StorageRef,
  tensor: string,
  where: Where,
): ZipEntry {
  const name = `${prefix}data/${storage.key}`;
  const entry = archive.entries.get(name);
  if (!entry) {
    throw new CheckpointError(
      where,
      `has a tensor ${quoted(tensor)} in ${quoted(name)}, which it does not hold`,
    );
  }
  if (entry.size < storage.totalBytes) {
    throw new CheckpointError(
      where,
      `has a tensor ${quoted(tensor)} in a storage of ${storage.totalBytes} bytes, ` +
        `of which ${quoted(name)} holds ${entry.size}`,
    );
  }
  return entry;
}

async function checkVersion(archive: ZipArchive, prefix: string, where: Where): Promise<void> {
  for (const name of ['version', '.data/version']) {
    const text = await note(archive, prefix + name, where);
    if (text === null) continue;
    const version = Number(text);
    if (Number.isInteger(version) && version >= 1 && version <= newestVersion) continue;
    throw new CheckpointError(
      where,
      `is of file format version ${quoted(text, 20)}; versions 1 to ${newestVersion} are read`,
      { kind: 'unsupported', fix: 'Save it with a release of PyTorch that writes one of these.' },
    );
  }
}

/** A short text member, trimmed; null where there is none. */
async function note(archive: ZipArchive, name: string, where: Where): Promise<string | null> {
  if (!archive.entries.has(name)) return null;
  return (await readMember(archive, name, 64, where)).toString('latin1').trim();
}

async function readMember(archive: ZipArchive, name: string, limit: number, where: Where): Promise<Buffer> {
  const entry = archive.entries.get(name);
  if (!entry) throw new CheckpointError(where, `holds no ${quoted(name)}`);
  if (entry.size > limit) {
    throw new CheckpointError(
      where,
      `has a member ${quoted(name)} of ${entry.size} bytes; at most ${limit} are read`,
      { kind: 'too-large' },
    );
  }
  const source = await archive.member(entry);
  try {
    return await source.read(0, entry.size);
  } finally {
    await source.close();
  }
}
