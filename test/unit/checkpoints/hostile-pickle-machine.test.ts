/** Pickles that break the rules of the stack machine, or exhaust memory or time: each with its exact message. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { alone, repeated } from '../../support/checkpoints/hostile-pickle';
import { p } from '../../support/checkpoints/pickle-writer';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import { tensorPickle } from '../../support/checkpoints/torch-writer';

const machine: readonly HostileRow[] = [
  [
    'an unknown opcode',
    () => alone(p.op(0xff)),
    'has the unknown pickle opcode 0xff (in "archive/data.pkl", byte 2)',
  ],
  [
    'an out-of-band buffer',
    () => alone(p.op(op.NEXT_BUFFER)),
    'refers to a buffer kept outside the pickle, NEXT_BUFFER (0x97) (in "archive/data.pkl", byte 2)',
  ],
  [
    'protocol 6',
    () => alone(p.join(op.PROTO, 6)),
    'is written in pickle protocol 6; 0 to 5 are read (in "archive/data.pkl", byte 2)',
  ],
  [
    'an empty stack',
    () => alone(p.setItem),
    'takes more values from its stack than it put there (in "archive/data.pkl", byte 2)',
  ],
  [
    'a pop below a mark',
    () => alone(p.join(p.none, p.mark, p.op(op.TUPLE1))),
    'takes more values from its stack than it put there (in "archive/data.pkl", byte 4)',
  ],
  [
    'a mark never set',
    () => alone(p.op(op.TUPLE)),
    'closes a mark that was never set (in "archive/data.pkl", byte 2)',
  ],
  [
    'too many marks',
    () => alone(repeated(p.mark, 1001)),
    'opens more than 1000 marks (in "archive/data.pkl", byte 1002)',
  ],
  [
    'too many opcodes',
    () => alone(repeated(p.join(p.none, op.POP), 5_000_000)),
    'has more than 10000000 opcodes (in "archive/data.pkl", byte 10000001)',
  ],
  [
    'too many values',
    () => alone(repeated(p.none, 500_001)),
    'stacks more than 500000 values (in "archive/data.pkl", byte 500002)',
  ],
  [
    'too many objects',
    () => alone(repeated(p.join(p.emptyList, op.POP), 500_001)),
    'makes more than 500000 objects (in "archive/data.pkl", byte 1000002)',
  ],
  [
    'deep nesting of lists',
    () => alone(p.join(repeated(p.emptyList, 300), repeated(p.append, 299))),
    'nests containers more than 256 deep (in "archive/data.pkl", byte 557)',
  ],
  [
    'deep nesting of tuples',
    () => alone(p.join(p.none, repeated(p.op(op.TUPLE1), 100_000))),
    'nests containers more than 256 deep (in "archive/data.pkl", byte 259)',
  ],
  [
    'deep nesting of dicts',
    () => alone(p.join(repeated(p.join(p.emptyDict, p.none), 300), p.none, repeated(p.setItem, 300))),
    'nests containers more than 256 deep (in "archive/data.pkl", byte 859)',
  ],
  [
    'a list inside itself',
    () => alone(p.join(p.emptyList, p.put(0), repeated(p.join(p.get(0), p.append), 5))),
    'holds a list; expected a dict of tensors by name',
  ],
  [
    'a memo entry never stored',
    () => alone(p.get(7)),
    'recalls memo entry 7, which was never stored (in "archive/data.pkl", byte 2)',
  ],
  [
    'a memo that doubles',
    () =>
      alone(
        p.join(
          p.list(p.none),
          p.put(0),
          repeated(
            p.join(p.op(op.POP), p.emptyList, p.mark, repeated(p.get(0), 10), p.op(op.APPENDS), p.put(0)),
            300,
          ),
        ),
      ),
    'nests containers more than 256 deep (in "archive/data.pkl", byte 15109)',
  ],
  [
    'a list copied again and again',
    () =>
      alone(
        p.join(
          p.emptyList,
          p.mark,
          repeated(p.none, 400_000),
          p.op(op.APPENDS),
          p.put(0),
          p.op(op.POP),
          repeated(
            p.join(
              p.global('collections', 'deque'),
              p.mark,
              p.get(0),
              p.op(op.TUPLE),
              p.reduce,
              p.op(op.POP),
            ),
            100,
          ),
        ),
      ),
    'puts more than 2000000 items into containers (in "archive/data.pkl", byte 400121)',
  ],
  [
    'a set copied again and again',
    () =>
      alone(
        p.join(
          p.op(op.EMPTY_SET),
          p.mark,
          ...Array.from({ length: 60_000 }, (_, i) => p.int(i)),
          p.op(op.ADDITEMS),
          p.put(0),
          p.op(op.POP),
          repeated(
            p.join(
              p.global('builtins', 'frozenset'),
              p.mark,
              p.get(0),
              p.op(op.TUPLE),
              p.reduce,
              p.op(op.POP),
            ),
            100,
          ),
        ),
      ),
    'puts more than 2000000 items into containers (in "archive/data.pkl", byte 300502)',
  ],
  [
    'a string longer than the file',
    () => alone(p.join(op.BINUNICODE, p.u32(0xffffffff))),
    'has a string of 4294967295 bytes; at most 16777216 are read (in "archive/data.pkl", byte 7)',
  ],
  [
    'a string of 2^63 bytes',
    () => alone(p.join(op.BINUNICODE8, p.u64(2n ** 63n))),
    'has a length of 9223372036854775808 bytes (in "archive/data.pkl", byte 11)',
  ],
  [
    'bytes of 2^63 bytes',
    () => alone(p.join(op.BINBYTES8, p.u64(2n ** 63n))),
    'has a length of 9223372036854775808 bytes (in "archive/data.pkl", byte 11)',
  ],
  [
    'a frame longer than the pickle',
    () => alone(p.join(op.FRAME, p.u64(1000))),
    'is cut short inside its pickle: bytes 11 to 1011 are needed, there are 12 (in "archive/data.pkl", byte 12)',
  ],
  [
    'a string that is not UTF-8',
    () => alone(p.join(op.SHORT_BINUNICODE, 2, 0xc3, 0x28)),
    'has a string that is not UTF-8 (in "archive/data.pkl", byte 6)',
  ],
  [
    'a lone surrogate',
    () => alone(p.join(op.SHORT_BINUNICODE, 3, 0xed, 0xa0, 0x80)),
    'has a string that is not UTF-8 (in "archive/data.pkl", byte 7)',
  ],
  [
    'an endless name',
    () => alone(p.join(op.GLOBAL, Buffer.alloc(5000, 'a'))),
    'has a name or number of more than 4096 bytes (in "archive/data.pkl", byte 3)',
  ],
  [
    'an integer of a megabyte',
    () => alone(p.join(op.LONG4, p.u32(1 << 20), Buffer.alloc(1 << 20, 1))),
    'has an integer of 1048576 bytes; at most 128 are read (in "archive/data.pkl", byte 7)',
  ],
  [
    'a decimal of a thousand digits',
    () => alone(p.join(op.LONG, p.line(`${'9'.repeat(1000)}L`))),
    'has a number or string that is not written as Python writes it (in "archive/data.pkl", byte 2)',
  ],
  [
    'a memo index that is no number',
    () => alone(p.join(p.none, op.PUT, p.line('x'))),
    'has a memo index that is not a number (in "archive/data.pkl", byte 3)',
  ],
  [
    'a call of a list',
    () => alone(p.join(p.emptyList, p.emptyTuple, p.reduce)),
    'calls a list (in "archive/data.pkl", byte 4)',
  ],
  [
    'a call of what may only be mentioned',
    () => alone(p.join(p.global('builtins', 'int'), p.emptyTuple, p.reduce)),
    'calls builtins.int, which may only be mentioned (in "archive/data.pkl", byte 17)',
  ],
  [
    'arguments that are no tuple',
    () => alone(p.join(p.global('torch', 'Size'), p.emptyList, p.reduce)),
    'passes a list as arguments (in "archive/data.pkl", byte 15)',
  ],
  [
    'keyword arguments',
    () =>
      alone(
        p.join(
          p.global('torch', 'Size'),
          p.tuple(p.emptyTuple),
          p.dict([p.text('a'), p.none]),
          p.op(op.NEWOBJ_EX),
        ),
      ),
    'makes an object with keyword arguments (in "archive/data.pkl", byte 27)',
  ],
  [
    'the state of a list',
    () => alone(p.join(p.emptyList, p.emptyDict, p.build)),
    'sets the state of a list from a dict (in "archive/data.pkl", byte 4)',
  ],
  [
    'the state of a tensor',
    () => alone(p.join(tensorPickle({ key: '0', storage: 4, shape: [4] }), p.tuple(p.none), p.build)),
    'sets the state of a tensor from a tuple (in "archive/data.pkl", byte 142)',
  ],
  [
    'an append to a dict',
    () => alone(p.join(p.emptyDict, p.none, p.append)),
    'appends to a dict (in "archive/data.pkl", byte 4)',
  ],
  [
    'a dict item of a list',
    () => alone(p.join(p.emptyList, p.none, p.none, p.setItem)),
    'sets dict items of a list (in "archive/data.pkl", byte 5)',
  ],
  [
    'a list as a key',
    () => alone(p.join(p.emptyDict, p.emptyList, p.none, p.setItem)),
    'has a list as a dict key (in "archive/data.pkl", byte 5)',
  ],
  [
    'a dict of an odd number of values',
    () => alone(p.join(p.emptyDict, p.mark, p.none, p.setItems)),
    'sets dict items from an odd number of values (in "archive/data.pkl", byte 5)',
  ],
  [
    'a dict from something other than pairs',
    () => alone(p.join(p.global('collections', 'OrderedDict'), p.tuple(p.list(p.none)), p.reduce)),
    'makes OrderedDict from something other than pairs (in "archive/data.pkl", byte 33)',
  ],
];

refusals('machine', machine);
