/** Hostile files of the old format and of safetensors, and files that are something else: each with its exact message. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { p, pickle } from '../../support/checkpoints/pickle-writer';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import { floats, legacyPickles, stateDictPickle, torchLegacy } from '../../support/checkpoints/torch-writer';

const root = stateDictPickle({ w: { key: '0', storage: 4, shape: [4] } });
const elements = floats(1, 2, 3, 4);
const magic = pickle(2, p.long(0x1950a86a20f9469cfc6cn));

const legacy: readonly HostileRow[] = [
  [
    'another magic number',
    () => pickle(2, p.long(42n)),
    'is a Python pickle of a number; expected one that torch.save wrote (byte 0)',
  ],
  [
    'another protocol',
    () => Buffer.concat([magic, pickle(2, p.int(1002))]),
    'is of protocol version 1002; only 1001 is read',
  ],
  [
    'keys that are no list',
    () =>
      Buffer.concat([
        magic,
        pickle(2, p.int(1001)),
        pickle(2, p.emptyDict),
        pickle(2, root),
        pickle(2, p.text('0')),
      ]),
    'has a string where the keys of its storages should be (byte 185)',
  ],
  [
    'a key that is no string',
    () =>
      Buffer.concat([
        magic,
        pickle(2, p.int(1001)),
        pickle(2, p.emptyDict),
        pickle(2, root),
        pickle(2, p.list(p.none)),
      ]),
    'has a list where the keys of its storages should be (byte 183)',
  ],
  [
    'a key no tensor has',
    () => Buffer.concat([legacyPickles(root, ['0', '1']), p.u64(4), elements]),
    'lists storage "1", which no tensor refers to (byte 218)',
  ],
  [
    'a key twice',
    () => Buffer.concat([legacyPickles(root, ['0', '0']), p.u64(4), elements]),
    'lists storage "0" twice (byte 218)',
  ],
  ['a key missing', () => legacyPickles(root, []), 'has a tensor "w" in storage "0", which it does not hold'],
  [
    'another element count',
    () => Buffer.concat([legacyPickles(root, ['0']), p.u64(5), elements]),
    'has a storage of 5 elements where its pickle says 4 (byte 188)',
  ],
  [
    'an element count of 2^62',
    () => Buffer.concat([legacyPickles(root, ['0']), p.u64(2n ** 62n), elements]),
    'has a storage of 4611686018427387904 elements where its pickle says 4 (byte 188)',
  ],
  [
    'no elements',
    () => Buffer.concat([legacyPickles(root, ['0']), p.u64(4)]),
    'is cut short: storage "0" ends at byte 212, the file at 196 (byte 196)',
  ],
  [
    'half the elements',
    () => Buffer.concat([legacyPickles(root, ['0']), p.u64(4), elements.subarray(0, 8)]),
    'is cut short: storage "0" ends at byte 212, the file at 204 (byte 204)',
  ],
  [
    'a storage of two sizes',
    () =>
      torchLegacy(
        stateDictPickle({ a: { key: '0', storage: 4, shape: [4] }, b: { key: '0', storage: 2, shape: [2] } }),
        { '0': elements },
      ),
    'refers to storage "0" as two different sizes (byte 267)',
  ],
  [
    'a view beyond its storage',
    () =>
      torchLegacy(
        p.persistent(
          p.tuple(
            p.text('storage'),
            p.global('torch', 'FloatStorage'),
            p.text('0'),
            p.text('cpu'),
            p.int(4),
            p.tuple(p.text('1'), p.int(2), p.int(3)),
          ),
        ),
        { '0': elements },
      ),
    'refers to bytes 8 to 20 of a storage of 16 (byte 100)',
  ],
  [
    'a view that is no tuple',
    () =>
      torchLegacy(
        p.persistent(
          p.tuple(
            p.text('storage'),
            p.global('torch', 'FloatStorage'),
            p.text('0'),
            p.text('cpu'),
            p.int(4),
            p.text('view'),
          ),
        ),
        { '0': elements },
      ),
    'refers to a storage view by a string (byte 91)',
  ],
  [
    'more pickle than is read',
    () =>
      Buffer.concat([
        magic,
        pickle(2, p.int(1001)),
        pickle(2, p.emptyDict),
        p.join(0x80, 2, op.BINBYTES, p.u32(33 << 20), Buffer.alloc(33 << 20)),
      ]),
    'has more than 33554432 bytes of pickle before its storages',
  ],
];

/** A safetensors file with the header given as text or as an object. */
function safe(header: unknown, data = elements): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  return Buffer.concat([p.u64(json.length), json, data]);
}

const w = { dtype: 'F32', shape: [4], data_offsets: [0, 16] };

const safetensors: readonly HostileRow[] = [
  [
    'a header of 2^39 bytes',
    () => Buffer.concat([p.u64(2n ** 39n), Buffer.from('{}')]),
    'has a header of 549755813888 bytes; at most 33554432 are read (byte 0)',
  ],
  [
    'a header longer than the file',
    () => Buffer.concat([p.u64(100), Buffer.from('{}')]),
    'is cut short: its header ends at byte 108, the file at 10 (byte 10)',
  ],
  ['a header that is not JSON', () => safe('{"w": '), 'has a header that is not JSON (byte 8)'],
  [
    'a header that is not UTF-8',
    () => Buffer.concat([p.u64(4), Buffer.from([0x7b, 0xff, 0xff, 0x7d])]),
    'has a header that is not JSON (byte 8)',
  ],
  [
    'a header nested a million deep',
    () => safe(`{"w":${'['.repeat(1_000_000)}`),
    'has a header that is not JSON (byte 8)',
  ],
  [
    'a key twice',
    () => safe(`{"w":${JSON.stringify(w)},"w":${JSON.stringify(w)}}`),
    'has a header with the same key twice (byte 8)',
  ],
  [
    'a field twice',
    () => safe('{"w":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
    'has a header with the same key twice (byte 8)',
  ],
  [
    'a tensor that is a list',
    () => safe({ w: [1] }),
    'has a tensor "w" that is not described by a JSON object (byte 8)',
  ],
  ['no dtype', () => safe({ w: { ...w, dtype: undefined } }), 'has a tensor "w" that has no dtype (byte 8)'],
  [
    'an unknown dtype',
    () => safe({ w: { ...w, dtype: 'F8_E4M3' } }),
    'float8 is not read; convert to float16. Its tensor "w" has dtype float8_e4m3fn; expected one of float64, float32, float16, bfloat16, int8, uint8, int16, int32, int64, bool (byte 8)',
  ],
  [
    'a dtype from the prototype',
    () => safe({ w: { ...w, dtype: 'toString' } }),
    'has a tensor "w" that has dtype "toString"; expected one of float64, float32, float16, bfloat16, int8, uint8, int16, int32, int64, bool (byte 8)',
  ],
  [
    'a negative shape',
    () => safe({ w: { ...w, shape: [-4] } }),
    'has a tensor "w" that has no shape of non-negative integers (byte 8)',
  ],
  [
    'a fractional shape',
    () => safe({ w: { ...w, shape: [1.5] } }),
    'has a tensor "w" that has no shape of non-negative integers (byte 8)',
  ],
  [
    '65 dimensions',
    () => safe({ w: { ...w, shape: new Array<number>(65).fill(1) } }),
    'has a tensor "w" that has no shape of non-negative integers (byte 8)',
  ],
  [
    '2^40 elements',
    () => safe({ w: { ...w, shape: [2 ** 40] } }),
    'has a tensor "w" that has 16 bytes; its shape (1099511627776) and dtype float32 need 4398046511104 (byte 8)',
  ],
  [
    '2^80 elements',
    () => safe({ w: { ...w, shape: [2 ** 40, 2 ** 40] } }),
    'has a tensor "w" that has 16 bytes; its shape (1099511627776, 1099511627776) and dtype float32 need 4.835703278458517e+24 (byte 8)',
  ],
  [
    'three offsets',
    () => safe({ w: { ...w, data_offsets: [0, 8, 16] } }),
    'has a tensor "w" that has no pair of data offsets (byte 8)',
  ],
  [
    'offsets beyond the file',
    () => safe({ w: { ...w, data_offsets: [16, 32] } }),
    'has a tensor "w" that leaves a hole before it, at data byte 16',
  ],
  [
    'offsets the wrong way round',
    () => safe({ w: { ...w, data_offsets: [16, 0] } }),
    'has a tensor "w" that has -16 bytes; its shape (4) and dtype float32 need 16 (byte 8)',
  ],
  [
    'overlapping tensors',
    () => safe({ w, v: { ...w, shape: [2], data_offsets: [8, 16] } }),
    'has a tensor "v" that overlaps the one before it, at data byte 8',
  ],
  [
    'a hole',
    () =>
      safe({ w: { ...w, shape: [1], data_offsets: [0, 4] }, v: { ...w, shape: [2], data_offsets: [8, 16] } }),
    'has a tensor "v" that leaves a hole before it, at data byte 8',
  ],
  [
    'bytes left over',
    () => safe({ w: { ...w, shape: [3], data_offsets: [0, 12] } }),
    'describes 12 bytes of tensors but holds 16',
  ],
  [
    'bytes missing',
    () => safe({ w }, elements.subarray(0, 12)),
    'describes 16 bytes of tensors but holds 12',
  ],
  [
    'a name that is not Unicode',
    () => safe('{"\\ud800":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
    'has a tensor "\\ud800" that has a name that is not Unicode text (byte 8)',
  ],
  [
    'no tensors',
    () => safe({ __metadata__: { format: 'pt' } }, Buffer.alloc(0)),
    'holds no tensors; expected a state dict',
  ],
];

const tar = Buffer.alloc(1024);
tar.write('best_model.pth');
tar.write('ustar', 257);

const foreign: readonly HostileRow[] = [
  ['nothing', () => Buffer.alloc(0), 'is empty; expected a checkpoint'],
  [
    'one byte',
    () => Buffer.from([0x80]),
    'is cut short inside its pickle: bytes 1 to 2 are needed, there are 1 (byte 1)',
  ],
  [
    'noise',
    () => Buffer.from([0x13, 0x37, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06]),
    'is not a PyTorch, safetensors or ONNX file. It begins with 13 37 00 01 02 03 04 05',
  ],
  [
    'a web page',
    () => Buffer.from('<!DOCTYPE html><html><body>Quota exceeded</body></html>'),
    'is not a PyTorch, safetensors or ONNX file. It is an HTML page',
  ],
  [
    'a Git LFS pointer',
    () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    'is not a PyTorch, safetensors or ONNX file. It is a Git LFS pointer, not the file it points to',
  ],
  ['a tar archive', () => tar, 'is not a PyTorch, safetensors or ONNX file. It is a tar archive'],
  [
    'a gzip archive',
    () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0]),
    'is not a PyTorch, safetensors or ONNX file. It is a gzip archive',
  ],
  [
    'an HDF5 file',
    () => Buffer.from('\u0089HDF\r\n\u001a\n        ', 'latin1'),
    'is not a PyTorch, safetensors or ONNX file. It is an HDF5 file (Keras)',
  ],
  [
    'a picture',
    () => Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
    'is not a PyTorch, safetensors or ONNX file. It is a PNG image',
  ],
];

refusals('old format', legacy);
refusals('safetensors', safetensors);
refusals('other files', foreign);
