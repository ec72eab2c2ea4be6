/** Writes files as torch.save does, in both of its formats, from a pickle and the storages it refers to. */
import { p, pickle } from './pickle-writer';
import { BufferSink, ZipWriter } from './zip-writer';
import type { MemberOptions } from './zip-writer';

/** How a pickle describes a tensor; strides are C-ordered unless given. */
export interface TensorRecipe {
  readonly key: string;
  /** Elements of the storage. */
  readonly storage: number;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  /** `FloatStorage` unless given. */
  readonly type?: string;
}

/** The opcodes of one tensor. */
export function tensorPickle(tensor: TensorRecipe): Buffer {
  const { key, storage, shape, offset = 0, type = 'FloatStorage' } = tensor;
  const strides =
    tensor.strides ??
    shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const id = p.tuple(p.text('storage'), p.global('torch', type), p.text(key), p.text('cpu'), p.int(storage));
  return p.join(
    p.global('torch._utils', '_rebuild_tensor_v2'),
    p.tuple(
      p.persistent(id),
      p.int(offset),
      p.tuple(...shape.map(p.int)),
      p.tuple(...strides.map(p.int)),
      p.op(0x89), // requires_grad: False
      p.join(p.global('collections', 'OrderedDict'), p.emptyTuple, p.reduce),
    ),
    p.reduce,
  );
}

/** The opcodes of a dict of tensors. */
export function stateDictPickle(tensors: Readonly<Record<string, TensorRecipe>>): Buffer {
  return p.dict(...Object.entries(tensors).map(([name, t]) => [p.text(name), tensorPickle(t)] as const));
}

/** A whole file of the zip format. `root` is the pickle without PROTO and STOP. */
export function torchZip(
  root: Buffer,
  storages: Readonly<Record<string, Uint8Array>> = {},
  options: MemberOptions & { readonly prefix?: string; readonly version?: string } = {},
): Buffer {
  const { prefix = 'archive/', version = '3\n', ...member } = options;
  const sink = new BufferSink();
  const writer = new ZipWriter(sink);
  writer.add(`${prefix}data.pkl`, pickle(2, root));
  writer.add(`${prefix}byteorder`, Buffer.from('little'));
  for (const [key, bytes] of Object.entries(storages)) writer.add(`${prefix}data/${key}`, bytes, member);
  writer.add(`${prefix}version`, Buffer.from(version));
  writer.finish();
  return sink.bytes();
}

/** The five pickles of the old format, without the storages. */
export function legacyPickles(root: Buffer, keys: readonly string[]): Buffer {
  return Buffer.concat([
    pickle(2, p.long(0x1950a86a20f9469cfc6cn)),
    pickle(2, p.int(1001)),
    pickle(2, p.emptyDict),
    pickle(2, root),
    pickle(2, p.list(...keys.map(p.text))),
  ]);
}

/** A whole file of the old format; `storages` holds elements of four bytes. */
export function torchLegacy(root: Buffer, storages: Readonly<Record<string, Uint8Array>> = {}): Buffer {
  const parts = Object.values(storages).flatMap((bytes) => [p.u64(bytes.length / 4), bytes]);
  return Buffer.concat([legacyPickles(root, Object.keys(storages)), ...parts]);
}

/** The bytes of float32 values. */
export function floats(...values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}
