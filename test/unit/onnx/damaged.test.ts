/** Files that are cut, changed at random or stuffed end in a model or in one kind of error, and take bounded memory. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { decodeModel } from '../../../server/src/onnx/read';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { modelError } from './support/errors';
import { fixture } from './support/fixtures';
import { bytes, tag, varint } from './support/protobuf';

test('millions of empty strings do not exhaust memory', () => {
  const inputs = new Uint8Array(2 * 4_100_000);
  for (let at = 0; at < inputs.length; at += 2) inputs.set(bytes(1, ''), at);
  const nodeHead = [...tag(1, 2), ...varint(inputs.length)];
  const graphHead = [...tag(7, 2), ...varint(nodeHead.length + inputs.length)];
  assert.throws(
    () => decodeModel(concat(Uint8Array.from([...graphHead, ...nodeHead]), inputs), 'm.onnx'),
    modelError('m.onnx: byte 8000008: expected at most 4000000 messages and strings, found more.'),
  );
});

const sources = ['torchscript-17', 'dynamo-18', 'functions', 'attributes', 'encodings', 'external', 'oldest'];

test('every cut of a good file is an error', () => {
  // Functions come last in their file: cut between two of them, it is a whole model that calls unknown operators.
  for (const name of sources.filter((each) => each !== 'functions')) {
    const whole = new Uint8Array(readFileSync(fixture(`${name}.onnx`)));
    decodeModel(whole);
    for (let i = 0; i < 64; i++) {
      const end = Math.floor((whole.length * i) / 64);
      assert.throws(
        () => decodeModel(whole.slice(0, end), 'cut.onnx'),
        (thrown) =>
          thrown instanceof LensError && thrown.kind === 'model' && thrown.message.startsWith('cut.onnx: '),
        `${name} cut at ${end}`,
      );
    }
  }
});

/** mulberry32: a small seeded generator. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Some bytes changed, a run removed, repeated or filled. */
function mutate(whole: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = whole.slice();
  const at = random(copy.length);
  const length = 1 + random(Math.min(40, copy.length - at));
  switch (random(5)) {
    case 0:
      for (let n = 1 + random(4); n > 0; n--) copy[random(copy.length)] = random(256);
      return copy;
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      return copy;
    case 2:
      return concat(copy.subarray(0, at), copy.subarray(at + length));
    case 3:
      return concat(copy.subarray(0, at + length), copy.subarray(at));
    default:
      return copy.fill([0x00, 0x7f, 0x80, 0xff][random(4)] ?? 0, at, at + length);
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

test('random changes to good files end in a model or in an error of kind model', () => {
  const seed = 20_261;
  const random = generator(seed);
  let read = 0;
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const name = sources[round % sources.length] ?? '';
    const file = mutate(new Uint8Array(readFileSync(fixture(`${name}.onnx`))), random);
    try {
      const { graph } = decodeModel(file, 'mutated.onnx');
      read += 1;
      const sizes = Object.fromEntries(
        graph.inputs.map(({ name: input, dims: d }) => [
          input,
          (d ?? [2, 3, 24, 20]).map((dim) => (typeof dim === 'number' ? dim : 2)),
        ]),
      );
      inferShapes(decodeModel(file), sizes, { unknown: 'leave out' });
    } catch (thrown) {
      if (!(thrown instanceof LensError && thrown.kind === 'model')) {
        assert.fail(`seed ${seed}, round ${round} (${name}): ${String((thrown as Error).stack)}`);
      }
      refused += 1;
    }
  }
  assert.ok(read > 100 && refused > 100, `${read} read, ${refused} refused`);
});
