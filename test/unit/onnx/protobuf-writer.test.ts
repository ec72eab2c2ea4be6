/** Messages are what the protobuf encoding says, byte for byte, also around byte fields that are pieces of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageWriter } from '../../../server/src/onnx/protobuf-writer';

function bytesOf(write: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter();
  write(writer);
  return Buffer.concat(writer.pieces());
}

/** Field 1 as a varint, of examples whose bytes follow from the encoding: seven bits a byte, two's complement in 64 bits. */
const VARINTS: readonly (readonly [number, string])[] = [
  [0, '00'],
  [-0, '00'],
  [1, '01'],
  [127, '7f'],
  [128, '8001'],
  [300, 'ac02'],
  [2 ** 31, '8080808008'],
  [2 ** 53 - 1, 'ffffffffffffff0f'],
  [2 ** 53, '8080808080808010'],
  [2 ** 63, 'ffffffffffffffff7f'],
  [1e30, 'ffffffffffffffff7f'],
  [-1, 'ffffffffffffffffff01'],
  [-300, 'd4fdffffffffffffff01'],
  [-(2 ** 63), '80808080808080808001'],
  [-1e30, '80808080808080808001'],
  [2.5, '03'],
];

for (const [value, hex] of VARINTS)
  test(`the integer ${value}`, () => {
    assert.equal(bytesOf((writer) => writer.int64(1, value)).toString('hex'), `08${hex}`);
    const packed = bytesOf((writer) => writer.packedInt64(1, [value, 1]));
    assert.equal(packed.toString('hex'), `0a${(hex.length / 2 + 1).toString(16).padStart(2, '0')}${hex}01`);
  });

test('an integer that is not a number', () => {
  assert.throws(() => bytesOf((writer) => writer.int64(1, NaN)), RangeError);
});

for (const text of [
  '',
  'features.0',
  'ä',
  '漢字 🙂',
  '\ud800',
  'x'.repeat(127),
  'x'.repeat(128),
  'é'.repeat(20_000),
])
  test(`a text of ${text.length} characters that begins with "${text.slice(0, 2)}"`, () => {
    const encoded = Buffer.from(new TextEncoder().encode(text));
    const written = bytesOf((writer) => writer.string(2, text));
    const length = written.byteLength - encoded.byteLength;
    assert.deepEqual(written.subarray(length), encoded);
    assert.deepEqual(written.subarray(0, length), Buffer.from([0x12, ...varint(encoded.byteLength)]));
  });

test('floats', () => {
  assert.equal(bytesOf((writer) => writer.float(3, 0.1)).toString('hex'), '1dcdcccc3d');
  assert.equal(bytesOf((writer) => writer.packedFloat(3, [1, -2])).toString('hex'), '1a080000803f000000c0');
});

const SIZES = [0, 1, 100, 127, 128, 4_095, 4_096, 20_000, 70_000] as const;

test('messages in messages, before, around and behind byte fields of every size', () => {
  for (const outer of SIZES)
    for (const inner of SIZES) {
      const [a, b] = [Buffer.alloc(outer, 0xaa), Buffer.alloc(inner, 0xbb)];
      const written = bytesOf((writer) => {
        writer.string(1, 'head');
        writer.message(2, (first) => {
          first.bytes(3, a);
          first.message(4, (second) => {
            second.int64(5, 1);
            second.bytes(6, b);
            second.message(7, (empty) => empty);
            second.int64(8, 2);
          });
          first.string(9, 'end');
        });
        writer.int64(10, 3);
      });
      const second = Buffer.concat([
        Buffer.from([0x28, 1]),
        field(6, b),
        field(7, Buffer.alloc(0)),
        Buffer.from([0x40, 2]),
      ]);
      const first = Buffer.concat([field(3, a), field(4, second), field(9, Buffer.from('end'))]);
      const expected = [field(1, Buffer.from('head')), field(2, first), Buffer.from([0x50, 3])];
      assert.ok(written.equals(Buffer.concat(expected)), `${outer} and ${inner} bytes`);
    }
});

test('large byte fields are not copied', () => {
  const weights = new Uint8Array(10_000);
  const writer = new MessageWriter();
  writer.message(1, (message) => message.bytes(2, weights));
  assert.ok(writer.pieces().includes(weights));
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, ...varint(content.byteLength)]), content]);
