/** Pickles that lie about the tensors that they hold: each with its exact message. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { echo, alone, tensor } from '../../support/checkpoints/hostile-pickle';
import { p } from '../../support/checkpoints/pickle-writer';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import { stateDictPickle, tensorPickle } from '../../support/checkpoints/torch-writer';

const tensors: readonly HostileRow[] = [
  [
    '2^40 elements',
    () => tensor({ shape: [2 ** 40] }),
    'rebuilds a tensor of shape (1099511627776) whose last element is number 1099511627775 of a storage that holds 4 (in "archive/data.pkl", byte 149)',
  ],
  [
    '2^80 elements',
    () => tensor({ shape: [2 ** 40, 2 ** 40] }),
    'rebuilds a tensor of shape (1099511627776, 1099511627776), which has over 2^53 elements (in "archive/data.pkl", byte 165)',
  ],
  [
    '2^40 elements that are all the same one',
    () => tensor({ shape: [2 ** 40], strides: [0] }),
    'has a tensor "w" that repeats stored elements 1099511627776 times over; at most 16777216 are read',
  ],
  [
    'a shape that is negative',
    () => tensor({ shape: [-1] }),
    'rebuilds a tensor with -1 in its shape; expected an integer from 0 to 2^53 (in "archive/data.pkl", byte 146)',
  ],
  [
    'a stride that is negative',
    () => tensor({ shape: [4], strides: [-1], offset: 3 }),
    'rebuilds a tensor with -1 in its strides; expected an integer from 0 to 2^53 (in "archive/data.pkl", byte 146)',
  ],
  [
    'a shape that is a float',
    () => alone(p.dict([p.text('w'), tensorWithShape(p.tuple(p.float(1.5)))])),
    'rebuilds a tensor with 1.5 in its shape; expected an integer from 0 to 2^53 (in "archive/data.pkl", byte 124)',
  ],
  [
    'a shape that is no tuple',
    () => alone(p.dict([p.text('w'), tensorWithShape(p.text('(4,)'))])),
    'rebuilds a tensor with a string as its shape (in "archive/data.pkl", byte 122)',
  ],
  [
    '65 dimensions',
    () => tensor({ shape: new Array<number>(65).fill(1) }),
    'rebuilds a tensor of 65 dimensions; at most 64 are read (in "archive/data.pkl", byte 786)',
  ],
  [
    'a stride missing',
    () => tensor({ shape: [2, 2], strides: [2] }),
    'rebuilds a tensor with 2 dimensions but 1 strides (in "archive/data.pkl", byte 151)',
  ],
  [
    'elements beyond the storage',
    () => tensor({ shape: [5] }),
    'rebuilds a tensor of shape (5) whose last element is number 4 of a storage that holds 4 (in "archive/data.pkl", byte 146)',
  ],
  [
    'an offset beyond the storage',
    () => tensor({ shape: [1], offset: 4 }),
    'rebuilds a tensor of shape (1) whose last element is number 4 of a storage that holds 4 (in "archive/data.pkl", byte 146)',
  ],
  [
    'overlapping strides',
    () => tensor({ shape: [3, 2], strides: [1, 1] }),
    'has a tensor "w" that has overlapping strides (1, 1)',
  ],
  [
    'a storage larger than its member',
    () => tensor({ storage: 5, shape: [5] }),
    'has a tensor "w" in a storage of 20 bytes, of which "archive/data/0" holds 16',
  ],
  [
    'a storage that is not there',
    () => tensor({ key: '1' }),
    'has a tensor "w" in "archive/data/1", which it does not hold',
  ],
  [
    'a storage outside the archive',
    () => tensor({ key: '../../etc/passwd' }),
    'has a tensor "w" in "archive/data/../../etc/passwd", which it does not hold',
  ],
  [
    'a storage of 2^60 elements',
    () => tensor({ storage: 2 ** 60 }),
    'refers to a storage whose size is 1152921504606846976; expected its number of elements (in "archive/data.pkl", byte 102)',
  ],
  [
    'a storage of an unknown type',
    () => tensor({ type: 'EvilStorage' }),
    'refers to a storage whose type is the name torch.EvilStorage (in "archive/data.pkl", byte 96)',
  ],
  [
    'a storage without a type',
    () => alone(p.persistent(p.tuple(p.text('storage'), p.none, p.text('0'), p.text('cpu'), p.int(4)))),
    'refers to a storage whose type is None (in "archive/data.pkl", byte 36)',
  ],
  [
    'a persistent id that is no tuple',
    () => alone(p.persistent(p.text('0'))),
    'refers to a storage by a string; expected a tuple (in "archive/data.pkl", byte 8)',
  ],
  [
    "a module's source",
    () => alone(p.persistent(p.tuple(p.text('module'), p.none, p.text('a.py'), p.text('import os')))),
    'refers to a module\'s source code; expected storages only (in "archive/data.pkl", byte 39)',
  ],
  [
    'a tensor of a list',
    () => alone(p.join(p.global('torch._utils', '_rebuild_tensor_v2'), p.tuple(p.emptyList), p.reduce)),
    'rebuilds a tensor from a list; expected a storage (in "archive/data.pkl", byte 38)',
  ],
  [
    'a parameter of a string',
    () => alone(p.join(p.global('torch._utils', '_rebuild_parameter'), echo, p.reduce)),
    'makes a parameter from a string; expected a tensor (in "archive/data.pkl", byte 52)',
  ],
  [
    'a tensor subclass rebuilt by something else',
    () =>
      alone(
        p.join(
          p.global('torch._tensor', '_rebuild_from_type_v2'),
          p.tuple(p.global('torch', 'Size'), p.none, p.tuple(p.emptyTuple), p.none),
          p.reduce,
        ),
      ),
    'rebuilds a tensor through the name torch.Size (in "archive/data.pkl", byte 58)',
  ],
  [
    'a name that is not Unicode',
    () =>
      alone(
        p.dict(
          [p.join(op.STRING, p.line("'w'")), p.none],
          [p.join(op.UNICODE, p.line('\\ud800')), tensorPickle({ key: '0', storage: 4, shape: [4] })],
        ),
      ),
    'has a tensor "\\ud800" that has a name that is not Unicode text',
  ],
  [
    'a name of 2,000 characters',
    () => alone(stateDictPickle({ ['w'.repeat(2000)]: { key: '0', storage: 4, shape: [4] } })),
    'has a tensor "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww..." that has a name of 2000 characters; at most 1024 are read',
  ],
];

function tensorWithShape(shape: Buffer): Buffer {
  const id = p.tuple(
    p.text('storage'),
    p.global('torch', 'FloatStorage'),
    p.text('0'),
    p.text('cpu'),
    p.int(4),
  );
  return p.join(
    p.global('torch._utils', '_rebuild_tensor_v2'),
    p.tuple(p.persistent(id), p.int(0), shape, p.tuple(p.int(1)), p.none, p.none),
    p.reduce,
  );
}

refusals('tensors', tensors);
