/** Zip files that are damaged, misleading or bombs: each with its exact message. */
import { deflateRawSync } from 'node:zlib';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import { floats, stateDictPickle, torchZip } from '../../support/checkpoints/torch-writer';
import { p, pickle } from '../../support/checkpoints/pickle-writer';
import { zipOf } from '../../support/checkpoints/zip-writer';

const root = stateDictPickle({ w: { key: '0', storage: 4, shape: [4] } });
const elements = floats(1, 2, 3, 4);
const good = (): Buffer => torchZip(root, { '0': elements });
const dataPkl = ['a/data.pkl', pickle(2, root)] as const;

/** The good file with some bytes replaced, counted from the end where negative. */
function patched(at: number, bytes: readonly number[]): Buffer {
  const file = good();
  file.set(bytes, at < 0 ? file.length + at : at);
  return file;
}

/** The position of the nth directory entry (PK 01 02). */
function entry(file: Buffer, nth: number): number {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = file.indexOf(Buffer.from('PK\u0001\u0002'), at + 1);
  return at;
}

function patchedEntry(nth: number, field: number, bytes: readonly number[]): Buffer {
  const file = good();
  file.set(bytes, entry(file, nth) + field);
  return file;
}

/** The good file with some bytes of a member's local header replaced. */
function patchedLocal(name: string, field: number, bytes: readonly number[]): Buffer {
  const file = good();
  file.set(bytes, file.indexOf(name) - 30 + field);
  return file;
}

const rows: readonly HostileRow[] = [
  [
    'wrong CRC of a storage',
    () => torchZip(root, { '0': elements }, { crc: 0x12345678 }),
    'has a member whose CRC-32 is 8ba71454; its directory says 12345678 (in "archive/data/0", byte 0)',
  ],
  [
    'wrong CRC of the pickle',
    () =>
      zipOf([
        ['a/data.pkl', pickle(2, root), { crc: 1 }],
        ['a/data/0', elements],
      ]),
    'has a member whose CRC-32 is 9888725d; its directory says 00000001 (in "a/data.pkl", byte 0)',
  ],
  [
    'wrong CRC of a deflated storage',
    () => torchZip(root, { '0': elements }, { deflate: true, crc: 0x12345678 }),
    'has a member whose CRC-32 is 8ba71454; its directory says 12345678 (in "archive/data/0", byte 0)',
  ],
  [
    'wrong CRC of a storage beyond what is held in memory',
    () =>
      torchZip(
        stateDictPickle({ w: { key: '0', storage: 3 << 20, shape: [4], offset: 9 } }),
        { '0': Buffer.alloc(12 << 20) },
        { crc: 0x12345678 },
      ),
    'has a member whose CRC-32 is 01fb2ccd; its directory says 12345678 (in "archive/data/0", byte 0)',
  ],
  [
    'a traversing name',
    () => zipOf([dataPkl, ['../../evil', elements]]),
    'holds member "../../evil", which points outside the archive (byte 301)',
  ],
  [
    'a traversing name in the middle',
    () => zipOf([dataPkl, ['a/../../evil', elements]]),
    'holds member "a/../../evil", which points outside the archive (byte 303)',
  ],
  [
    'an absolute name',
    () => zipOf([dataPkl, ['/etc/passwd', elements]]),
    'holds member "/etc/passwd", which is an absolute path (byte 302)',
  ],
  [
    'a Windows drive',
    () => zipOf([dataPkl, ['C:evil', elements]]),
    'holds member "C:evil", which is an absolute path (byte 297)',
  ],
  [
    'a backslash',
    () => zipOf([dataPkl, ['..\\evil', elements]]),
    'has a member name with a backslash or control character, "..\\\\evil" (byte 298)',
  ],
  [
    'a name with a NUL',
    () => zipOf([dataPkl, ['a/x\u0000.pkl', elements]]),
    'has a member name with a backslash or control character, "a/x\\u0000.pkl" (byte 299)',
  ],
  [
    'an empty part in a name',
    () => zipOf([dataPkl, ['a//b', elements]]),
    'has a member with the malformed name "a//b" (byte 295)',
  ],
  [
    'a name that is not UTF-8',
    () => zipOf([dataPkl, [Buffer.from([0xff, 0xfe]), elements]]),
    'has a member name that is not UTF-8 (byte 293)',
  ],
  [
    'a name of 2,000 bytes',
    () => zipOf([dataPkl, ['a'.repeat(2000), elements]]),
    'has a member name of 2000 bytes; at most 1024 are read (byte 2291)',
  ],
  [
    'a symbolic link',
    () => zipOf([dataPkl, ['a/data/0', Buffer.from('/etc/passwd'), { mode: 0o120777 }]]),
    'holds the symbolic link "a/data/0"; links are never followed (byte 294)',
  ],
  [
    'a device',
    () => zipOf([dataPkl, ['a/data/0', Buffer.alloc(0), { mode: 0o020666 }]]),
    'holds member "a/data/0", which is a device, pipe or socket (byte 283)',
  ],
  [
    'a name twice',
    () => zipOf([dataPkl, ['a/data/0', elements], ['a/data/0', elements]]),
    'holds two members named "a/data/0" (byte 243)',
  ],
  [
    'two members in one place',
    () => zipOf([dataPkl, ['a/data/0', elements, { headerOffset: 0 }]]),
    'has member "a/data.pkl" overlapping member "a/data/0" (byte 0)',
  ],
  [
    'a member inside another',
    () => zipOf([dataPkl, ['a/data/0', elements, { headerOffset: 40 }]]),
    'has member "a/data.pkl" overlapping member "a/data/0" (byte 0)',
  ],
  [
    'a member beyond the directory',
    () => zipOf([dataPkl, ['a/data/0', elements, { headerOffset: 1 << 20 }]]),
    'has member "a/data.pkl" overlapping the directory (byte 0)',
  ],
  [
    'a member that runs into the directory',
    () => zipOf([dataPkl, ['a/data/0', elements, { size: 99, compressedSize: 99 }]]),
    'has member "a/data/0" overlapping the directory (byte 189)',
  ],
  [
    'a folder with contents',
    () => zipOf([dataPkl, ['a/data/', elements]]),
    'has a folder "a/data/" with contents of its own (byte 189)',
  ],
  [
    'two sizes of a stored member',
    () => zipOf([dataPkl, ['a/data/0', elements, { size: 17 }]]),
    'has a stored member "a/data/0" with two sizes, 16 and 17 bytes (byte 299)',
  ],
  [
    'a local header of another name',
    () =>
      zipOf([dataPkl, ['a/data/0', elements, { localName: 'a/data/9' }], ['a/version', Buffer.from('3')]]),
    'has a member that its directory describes differently (in "a/data/0", byte 189)',
  ],
  [
    'a local header that runs on',
    () => patchedLocal('archive/data/0', 28, [0xff]),
    'has a member that runs into the next one (in "archive/data/0", byte 248)',
  ],
  [
    'no local header',
    () => patchedLocal('archive/data/0', 0, [0]),
    'has no member where its directory says (in "archive/data/0", byte 248)',
  ],
  [
    'an encrypted member',
    () => zipOf([dataPkl, ['a/data/0', elements, { flags: 1 }]]),
    'holds the encrypted member "a/data/0"; only plain ones are read (byte 299)',
  ],
  [
    'an unknown compression',
    () => zipOf([dataPkl, ['a/data/0', elements, { method: 93 }]]),
    'holds member "a/data/0", compressed by method 93; only stored and deflated are read (byte 299)',
  ],
  [
    'damaged deflate data',
    () => zipOf([dataPkl, ['a/data/0', Buffer.from([0xff, 0xff, 0xff, 0xff]), { method: 8, size: 16 }]]),
    'has a damaged deflated member: invalid block type (in "a/data/0", byte 0)',
  ],
  [
    'deflate data that stops early',
    () => zipOf([dataPkl, ['a/data/0', deflateRawSync(elements.subarray(0, 8)), { method: 8, size: 16 }]]),
    'has a deflated member that inflates to 8 bytes; its directory says 16 (in "a/data/0", byte 8)',
  ],
  [
    'deflate data that goes on',
    () => zipOf([dataPkl, ['a/data/0', deflateRawSync(Buffer.alloc(64)), { method: 8, size: 16 }]]),
    'has a deflated member that inflates to more than the 16 bytes its directory says (in "a/data/0", byte 16)',
  ],
  [
    'a zip bomb',
    () => zipOf([dataPkl, ['a/data/0', Buffer.alloc(80 << 20), { deflate: true }]]),
    'is a zip bomb: 81688 bytes that inflate to 83886229; at most 100 times are accepted',
  ],
  [
    'a zip bomb around a checkpoint',
    () => zipOf([['weights.pth', Buffer.alloc(80 << 20), { deflate: true }]]),
    'is a zip bomb: 81539 bytes that inflate to 83886080; at most 100 times are accepted',
  ],
  [
    'a zip bomb that hides its size',
    () => zipOf([['weights.pth', deflateRawSync(Buffer.alloc(80 << 20)), { method: 8, size: 1000 }]]),
    'has a deflated member that inflates to more than the 1000 bytes its directory says (in "weights.pth", byte 1000)',
  ],
  [
    'a pickle of 33 MiB',
    () => zipOf([['a/data.pkl', Buffer.alloc(33 << 20)]]),
    'has a member "a/data.pkl" of 34603008 bytes; at most 33554432 are read',
  ],
  [
    'no directory',
    () => Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(100)]),
    'begins like a zip file but has no zip directory at its end (byte 104)',
  ],
  [
    'a directory that starts late',
    () => patched(-6, [0xff]),
    'has two zip end records that contradict each other (byte 677)',
  ],
  [
    'end records that disagree',
    () => patched(-12, [9]),
    'has two zip end records that contradict each other (byte 677)',
  ],
  [
    'a zip64 record outside the file',
    () => patched(-34, [0xff, 0xff, 0xff]),
    'has a zip64 end record outside the file (byte 657)',
  ],
  [
    'a directory entry without its signature',
    () => patchedEntry(1, 0, [0]),
    'has a directory entry without its signature (byte 417)',
  ],
  [
    'a directory entry longer than the directory',
    () => patchedEntry(3, 28, [0xff, 0x03]),
    'has a directory that ends in the middle of an entry (byte 540)',
  ],
  [
    'a zip64 size without its field',
    () => patchedEntry(1, 24, [0xff, 0xff, 0xff, 0xff]),
    'has a zip64 size that cannot be read, for member "archive/byteorder" (byte 417)',
  ],
  [
    'a split archive',
    () =>
      Buffer.concat([
        Buffer.from('PK\u0003\u0004'),
        Buffer.alloc(60),
        Buffer.from('PK\u0005\u0006'),
        Buffer.from([1, 0, 1, 0]),
        Buffer.alloc(14),
      ]),
    'is one part of a zip split over several files (byte 64)',
  ],
  [
    'an empty archive',
    () => zipOf([]),
    'is a zip without a checkpoint of its own; expected one file in it, found nothing',
  ],
  [
    'several files, none a checkpoint',
    () =>
      zipOf([
        ['readme.txt', elements],
        ['notes.md', elements],
      ]),
    'is a zip without a checkpoint of its own; expected one file in it, found "readme.txt", "notes.md"',
  ],
  [
    'several checkpoints',
    () =>
      zipOf([
        ['a.pth', elements],
        ['b.pth', elements],
      ]),
    'is a zip without a checkpoint of its own; expected one file in it, found "a.pth", "b.pth"',
  ],
  [
    'two checkpoints in one',
    () => zipOf([dataPkl, ['b/data.pkl', dataPkl[1]]]),
    'holds 2 checkpoints, "a/data.pkl", "b/data.pkl"; expected one',
  ],
  [
    'a zip inside a zip inside a zip',
    () => zipOf([['a.zip', zipOf([['b.zip', good()]])]]),
    'is a zip inside a zip, without a checkpoint (in "a.zip")',
  ],
  [
    'a picture inside a zip',
    () => zipOf([['face.png', Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1')]]),
    'is not a PyTorch, safetensors or ONNX file. It is a PNG image (in "face.png")',
  ],
  [
    'an unknown version',
    () => torchZip(root, { '0': elements }, { version: '11\n' }),
    'is of file format version "11"; versions 1 to 10 are read',
  ],
  [
    'no pickle but a storage',
    () => zipOf([['a/data/0', elements]]),
    'is not a PyTorch, safetensors or ONNX file. It begins with 00 00 80 3f 00 00 00 40 (in "a/data/0")',
  ],
  [
    'a pickle that ends early',
    () =>
      zipOf([
        ['a/data.pkl', pickle(2, root).subarray(0, 60)],
        ['a/data/0', elements],
      ]),
    'is cut short inside its pickle: bytes 58 to 59 are needed, there are 60 (in "a/data.pkl", byte 60)',
  ],
  [
    'an empty pickle',
    () => zipOf([['a/data.pkl', Buffer.alloc(0)]]),
    'is cut short inside its pickle: bytes 0 to 1 are needed, there are 0 (in "a/data.pkl", byte 0)',
  ],
  ['a pickle of nothing', () => torchZip(p.none), 'holds None; expected a dict of tensors by name'],
];

refusals('zip', rows);
