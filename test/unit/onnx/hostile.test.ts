/** Damaged, hostile and mistaken files end in one kind of error that says where, what was expected and what was found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeModel } from '../../../server/src/onnx/read';
import { modelError } from './support/errors';
import { bytes, initializer, int, model, node, tag, valueInfo, varint } from './support/protobuf';

const text = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content, 'latin1'));
const raw = (...fields: readonly number[][]): Uint8Array => Uint8Array.from(fields.flat());

const dims = (...sizes: (number | bigint)[]): number[] => sizes.flatMap((size) => int(1, size));
const FLOAT = int(2, 1);
const named = bytes(8, 'w');

/** An entry of external_data. */
const entry = (key: string, value: string): number[] => bytes(13, bytes(1, key), bytes(2, value));
const external = (...entries: readonly number[][]): Uint8Array =>
  model(initializer(dims(2), FLOAT, named, ...entries, int(14, 1)));
const located = (location: string): Uint8Array => external(entry('location', location));

/** Graphs in attributes in graphs. */
const nested = (depth: number): number[] =>
  depth === 0 ? [] : node('If', [], [], bytes(5, bytes(1, 'then_branch'), bytes(6, nested(depth - 1))));

/** Functions F0..Fn, each calling the next one twice. */
function doubling(levels: number): Uint8Array {
  const call = (to: number, input: string, output: string): number[] =>
    bytes(7, bytes(1, input), bytes(2, output), bytes(4, `F${to}`), bytes(7, 'f'));
  const functions = Array.from({ length: levels }, (_, level) => {
    const last = level === levels - 1;
    const body = last
      ? bytes(7, bytes(1, 'a'), bytes(2, 'c'), bytes(4, 'Relu'))
      : [...call(level + 1, 'a', 'b'), ...call(level + 1, 'b', 'c')];
    return bytes(25, bytes(1, `F${level}`), bytes(10, 'f'), bytes(4, 'a'), bytes(5, 'c'), body);
  });
  const graph = [bytes(11, valueInfo('x')), node('F0', ['x'], ['y'], bytes(7, 'f'))];
  return Uint8Array.from([...model(...graph), ...functions.flat()]);
}

const OUTSIDE = (found: string): string =>
  `m.onnx: expected the external data of tensor "w" in a file below the model's folder, found ${found}.`;

const table: readonly (readonly [what: string, file: Uint8Array, message: string])[] = [
  // Other files.
  ['an empty file', text(''), 'm.onnx: expected an ONNX model, found an empty file.'],
  [
    'a zip',
    text('PK\x03\x04rest'),
    'm.onnx: expected an ONNX model, found a zip archive, such as a PyTorch checkpoint.',
  ],
  [
    'a pickle',
    text('\x80\x02}q'),
    'm.onnx: expected an ONNX model, found a Python pickle, such as an old PyTorch checkpoint.',
  ],
  ['gzip', text('\x1f\x8b\x08'), 'm.onnx: expected an ONNX model, found a gzip archive.'],
  [
    'a Git LFS pointer',
    text('version https://git-lfs.github.com/spec/v1\n'),
    'm.onnx: expected an ONNX model, found a Git LFS pointer instead of the file it stands for.',
  ],
  ['a web page', text('<!DOCTYPE html>'), 'm.onnx: expected an ONNX model, found a web page.'],
  ['JSON', text('{"error": 404}'), 'm.onnx: expected an ONNX model, found a JSON text.'],
  [
    'TensorFlow Lite',
    text('\x1c\0\0\0TFL3'),
    'm.onnx: expected an ONNX model, found a TensorFlow Lite model.',
  ],
  ['plain text', text('hello'), 'm.onnx: byte 2: expected a wire type of 0, 1, 2 or 5, found 4.'],
  // Protobuf.
  [
    'a length beyond the file',
    raw(bytes(2, 'ab').with(1, 100)),
    'm.onnx: byte 1: expected 100 bytes of field 2, found 2 before the file ends.',
  ],
  [
    'a length of 2^63',
    raw(tag(7, 2), varint(2n ** 63n)),
    'm.onnx: byte 1: expected 9223372036854776000 bytes of field 7, found 0 before the file ends.',
  ],
  [
    'a length beyond its message',
    raw(bytes(7, [...tag(2, 2), 9, 1]), int(1, 8)),
    'm.onnx: byte 3: expected 9 bytes of field 2, found 1 before its message ends.',
  ],
  [
    'an unfinished number',
    raw([8, 0x80]),
    'm.onnx: byte 2: expected the rest of a number, found the end of the data.',
  ],
  [
    'an endless number',
    raw([8], Array<number>(11).fill(0xff)),
    'm.onnx: byte 1: expected a number of at most 10 bytes, found a longer one.',
  ],
  ['field 0', raw([0, 0]), 'm.onnx: byte 0: expected a field number, found 0.'],
  ['a group', raw(tag(99, 3)), 'm.onnx: byte 0: expected a wire type of 0, 1, 2 or 5, found 3.'],
  ['wire type 7', raw(tag(99, 7)), 'm.onnx: byte 0: expected a wire type of 0, 1, 2 or 5, found 7.'],
  [
    'a number as graph',
    raw(int(7, 5)),
    'm.onnx: byte 0: expected field 7 with wire type 2, found wire type 0.',
  ],
  [
    'a name that is not text',
    raw(bytes(2, [0xc3, 0x28])),
    'm.onnx: byte 2: expected UTF-8 text, found other bytes.',
  ],
  // Structure.
  ['no graph', raw(int(1, 8), bytes(8, int(2, 17))), 'm.onnx: byte 6: expected a graph, found none.'],
  ['two graphs', raw(bytes(7, ''), bytes(7, '')), 'm.onnx: byte 2: expected one graph, found a second one.'],
  [
    'no operator set',
    raw(int(1, 8), bytes(7, '')),
    'm.onnx: byte 4: expected the operator set version (opset_import), found none.',
  ],
  [
    'a node without operator',
    model(bytes(1, bytes(2, 'y'))),
    'm.onnx: byte 10: expected a node with an operator, found none.',
  ],
  [
    'graphs nested too deeply',
    model(nested(40)),
    'm.onnx: byte 867: expected graphs nested at most 32 deep, found a deeper one.',
  ],
  [
    'an attribute without name',
    model(node('A', [], [], bytes(5, int(3, 1)))),
    'm.onnx: byte 15: expected an attribute with a name, found none.',
  ],
  [
    'an attribute without value',
    model(node('A', [], [], bytes(5, bytes(1, 'n')))),
    'm.onnx: byte 15: expected a value of attribute "n", found none.',
  ],
  [
    'an attribute of types',
    model(node('A', [], [], bytes(5, bytes(1, 'n'), bytes(14, '')))),
    'm.onnx: byte 18: expected an attribute of numbers, strings, a tensor or a graph, found a type in "n".',
  ],
  [
    'a reference outside a function',
    model(node('A', [], [], bytes(5, bytes(1, 'n'), bytes(21, 'r')))),
    'm.onnx: expected a value of attribute "n" of A node "", found a reference to "r" outside a function.',
  ],
  [
    'an input without name',
    model(bytes(11, bytes(2, ''))),
    'm.onnx: byte 10: expected an input with a name, found none.',
  ],
  [
    'an output without type',
    model(bytes(12, bytes(1, 'y'))),
    'm.onnx: byte 10: expected output "y" with a type, found none.',
  ],
  [
    'a tensor made twice',
    model(node('A', [], ['y']), node('B', [], ['y'])),
    'm.onnx: expected one source of tensor "y", found a second one: B node "y".',
  ],
  [
    'a tensor that nobody makes',
    model(node('A', ['x'], ['y'])),
    'm.onnx: expected a source of tensor "x", which A node "y" reads, found none.',
  ],
  [
    'an output that nobody makes',
    model(bytes(12, valueInfo('y'))),
    'm.onnx: expected a source of output "y", found none.',
  ],
  [
    'a cycle',
    model(node('A', ['a'], ['b']), node('B', ['b'], ['a'])),
    'm.onnx: expected a graph without cycles, found a node that needs its own result.',
  ],
  [
    'functions that double 60 times',
    doubling(60),
    'm.onnx: expected at most 1000000 nodes and tensor names after inlining its functions, found more.',
  ],
  // Tensors.
  [
    'an initializer without name',
    model(initializer(dims(0), FLOAT)),
    'm.onnx: byte 8: expected an initializer with a name, found none.',
  ],
  [
    'two initializers of one name',
    model(initializer(dims(0), FLOAT, named), initializer(dims(0), FLOAT, named)),
    'm.onnx: byte 17: expected one initializer "w", found a second one.',
  ],
  [
    'a negative dimension',
    model(initializer(dims(-1n), FLOAT, named)),
    'm.onnx: byte 10: expected a dimension of 0 or more, found -1.',
  ],
  [
    '65 dimensions',
    model(initializer(dims(...Array<number>(65).fill(1)), FLOAT, named)),
    'm.onnx: byte 140: expected at most 64 dimensions, found more.',
  ],
  [
    'no type',
    model(initializer(dims(0), named)),
    'm.onnx: byte 10: expected tensor "w" to have an element type of float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64, bfloat16, uint4, int4, found UNDEFINED.',
  ],
  [
    'an unknown type',
    model(initializer(dims(0), int(2, 99), named)),
    'm.onnx: byte 10: expected tensor "w" to have an element type of float32, uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64, bfloat16, uint4, int4, found type 99.',
  ],
  [
    'a segment',
    model(initializer(dims(0), FLOAT, named, bytes(3, ''))),
    'm.onnx: byte 17: expected a whole tensor, found a segment of one.',
  ],
  [
    'too few bytes',
    model(initializer(dims(2), FLOAT, named, bytes(9, '1234'))),
    'm.onnx: byte 17: expected 8 bytes of tensor "w" (float32 [2]), found 4.',
  ],
  [
    'too many bytes',
    model(initializer(dims(2), FLOAT, named, bytes(9, '123456789'))),
    'm.onnx: byte 17: expected 8 bytes of tensor "w" (float32 [2]), found 9.',
  ],
  [
    'no data',
    model(initializer(dims(2), FLOAT, named)),
    'm.onnx: byte 10: expected 8 bytes of tensor "w" (float32 [2]), found none.',
  ],
  [
    'too few floats',
    model(initializer(dims(2), FLOAT, named, bytes(4, '1234'))),
    'm.onnx: byte 10: expected 8 bytes of tensor "w" (float32 [2]), found 4.',
  ],
  [
    'a broken float',
    model(initializer(dims(2), FLOAT, named, bytes(4, '123456'))),
    'm.onnx: byte 17: expected a whole number of 4-byte values, found 6 bytes.',
  ],
  [
    'too many floats',
    model(initializer(dims(1), FLOAT, named, bytes(4, '12345678'))),
    'm.onnx: byte 17: expected 4 bytes of tensor "w" (float32 [1]), found more.',
  ],
  [
    'too many integers',
    model(initializer(dims(1), int(2, 7), named, bytes(7, '12'))),
    'm.onnx: byte 20: expected 8 bytes of tensor "w" (int64 [1]), found more.',
  ],
  [
    '2^40 floats in 4 bytes',
    model(initializer(dims(2 ** 40), FLOAT, named, bytes(9, '1234'))),
    'm.onnx: byte 22: expected 4398046511104 bytes of tensor "w" (float32 [1099511627776]), found 4.',
  ],
  [
    '2^40 integers in 2 bytes',
    model(initializer(dims(2 ** 40), int(2, 7), named, bytes(7, '12'))),
    'm.onnx: byte 10: expected 8796093022208 bytes of tensor "w" (int64 [1099511627776]), found a message of 16 bytes.',
  ],
  [
    'a missing string',
    model(initializer(dims(2), int(2, 8), named, bytes(6, 'a'))),
    'm.onnx: byte 10: expected 2 strings of tensor "w", found 1.',
  ],
  // External data.
  [
    'no location',
    external(),
    'm.onnx: byte 10: expected a location for the external data of tensor "w", found none.',
  ],
  ['the parent folder', located('../w.bin'), OUTSIDE('"../w.bin"')],
  ['a detour to the parent folder', located('a/../../w.bin'), OUTSIDE('"a/../../w.bin"')],
  ['the parent folder on Windows', located('a\\..\\..\\w.bin'), OUTSIDE('"a\\\\..\\\\..\\\\w.bin"')],
  ['an absolute path', located('/etc/passwd'), OUTSIDE('"/etc/passwd"')],
  ['a network path', located('\\\\host\\share'), OUTSIDE('"\\\\\\\\host\\\\share"')],
  ['a drive', located('C:w.bin'), OUTSIDE('"C:w.bin"')],
  ['an empty path', located(''), OUTSIDE('""')],
  ['the folder itself', located('./.'), OUTSIDE('"./."')],
  ['a NUL', located('w\0.bin'), OUTSIDE('"w\\u0000.bin"')],
  [
    'a negative offset',
    external(entry('location', 'w'), entry('offset', '-8')),
    'm.onnx: byte 10: expected an offset of tensor "w", found "-8".',
  ],
  [
    'a huge offset',
    external(entry('location', 'w'), entry('offset', '99999999999999999999')),
    'm.onnx: byte 10: expected an offset of tensor "w", found "99999999999999999999".',
  ],
  [
    'another length',
    external(entry('location', 'w'), entry('length', '9')),
    'm.onnx: byte 10: expected 8 bytes of external data for tensor "w" (float32 [2]), found "9".',
  ],
  [
    'strings elsewhere',
    model(initializer(dims(2), int(2, 8), named, entry('location', 'w'), int(14, 1))),
    'm.onnx: byte 10: expected the strings of tensor "w" in the model file, found a reference to external data.',
  ],
];

test('what is wrong is said exactly', async (context) => {
  for (const [what, file, message] of table) {
    await context.test(what, () => {
      assert.throws(() => decodeModel(file, 'm.onnx'), modelError(message));
    });
  }
});
