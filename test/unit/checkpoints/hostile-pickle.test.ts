/** Pickles that would run code, exhaust memory or time, or lie about what they hold: each with its exact message. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { p } from '../../support/checkpoints/pickle-writer';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import {
  floats,
  stateDictPickle,
  tensorPickle,
  torchLegacy,
  torchZip,
} from '../../support/checkpoints/torch-writer';

const echo = p.tuple(p.text('echo never'));
const state = stateDictPickle({ w: { key: '0', storage: 4, shape: [4] } });
const storages = { '0': floats(1, 2, 3, 4) };

/** The state dict with something else beside it. */
const beside = (other: Buffer): Buffer =>
  torchZip(p.dict([p.text('model'), state], [p.text('x'), other]), storages);
const alone = (root: Buffer): Buffer => torchZip(root, storages);
const tensor = (recipe: Partial<Parameters<typeof tensorPickle>[0]>): Buffer =>
  alone(p.dict([p.text('w'), tensorPickle({ key: '0', storage: 4, shape: [4], ...recipe })]));
const repeated = (part: Buffer, times: number): Buffer => Buffer.alloc(part.length * times, part);

/** Calls the global with one argument, by REDUCE. */
const called = (module: string, name: string): Buffer => p.join(p.global(module, name), echo, p.reduce);

const code: readonly HostileRow[] = [
  [
    'os.system by REDUCE',
    () => beside(called('os', 'system')),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'os.system in the old format',
    () => torchLegacy(p.dict([p.text('x'), called('os', 'system')])),
    "would run os.system when opened with Python's pickle (byte 37)",
  ],
  [
    'os.system by STACK_GLOBAL',
    () => beside(p.join(p.stackGlobal('os', 'system'), echo, p.reduce)),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 184)',
  ],
  [
    'os.system by INST',
    () => beside(p.join(p.mark, p.text('echo'), p.inst('os', 'system'))),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 176)',
  ],
  [
    'os.system by OBJ',
    () => beside(p.join(p.mark, p.global('os', 'system'), p.text('echo'), p.op(op.OBJ))),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 167)',
  ],
  [
    'os.system by NEWOBJ',
    () => beside(p.join(p.global('os', 'system'), echo, p.newObj)),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'os.system only mentioned',
    () => beside(p.global('os', 'system')),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'os.system as a default factory',
    () => beside(p.join(p.global('collections', 'defaultdict'), p.tuple(p.global('os', 'system')), p.reduce)),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 192)',
  ],
  [
    'builtins.eval',
    () => beside(called('builtins', 'eval')),
    'would run builtins.eval when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    "Python 2's eval",
    () => beside(called('__builtin__', 'eval')),
    'would run builtins.eval when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    '__import__',
    () => beside(called('builtins', '__import__')),
    'would run builtins.__import__ when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'getattr, to reach anything',
    () => beside(called('builtins', 'getattr')),
    'would run builtins.getattr when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'subprocess.Popen',
    () => beside(called('subprocess', 'Popen')),
    'would run subprocess.Popen when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'a name reached through another module',
    () => beside(p.join(p.stackGlobal('torch._utils', 'os.system'), echo, p.reduce)),
    'would run torch._utils.os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 197)',
  ],
  [
    'a submodule of a module that runs code',
    () => beside(called('importlib.util', 'spec_from_file_location')),
    'would run importlib.util.spec_from_file_location when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'an allowed name called to make another',
    () => beside(p.join(p.global('torch', 'Size'), p.tuple(called('os', 'system')), p.reduce)),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 179)',
  ],
  [
    'a protocol 0 pickle alone',
    () => Buffer.from("cos\nsystem\n(S'echo never'\ntR."),
    "would run os.system when opened with Python's pickle (byte 0)",
  ],
  [
    'a protocol 0 INST alone',
    () => Buffer.from("(S'echo never'\nios\nsystem\n."),
    "would run os.system when opened with Python's pickle (byte 15)",
  ],
  [
    'a protocol 4 pickle alone',
    () => p.join(op.PROTO, 4, p.stackGlobal('posix', 'system'), echo, p.reduce, p.stop),
    "would run posix.system when opened with Python's pickle (byte 23)",
  ],
  [
    'a nested torch.load',
    () => beside(called('torch.storage', '_load_from_bytes')),
    'would run torch.storage._load_from_bytes when opened with Python\'s pickle (in "archive/data.pkl", byte 166)',
  ],
  [
    'a function kept with its arguments, by partial',
    () => beside(p.join(p.global('functools', 'partial'), p.tuple(p.global('os', 'system')), p.reduce)),
    'would run os.system when opened with Python\'s pickle (in "archive/data.pkl", byte 186)',
  ],
  [
    'a function of Python that has no place in a checkpoint',
    () => beside(called('uuid', '_get_command_stdout')),
    'would run uuid._get_command_stdout when opened with Python\'s pickle (in "archive/data.pkl", byte 209)',
  ],
  [
    'such a function, by partial',
    () =>
      beside(
        p.join(p.global('functools', 'partial'), p.tuple(p.global('uuid', '_get_command_stdout')), p.reduce),
      ),
    'would run uuid._get_command_stdout when opened with Python\'s pickle (in "archive/data.pkl", byte 213)',
  ],
  [
    'a module reached through a harmless family of classes',
    () => beside(p.join(p.stackGlobal('torch.optim.lr_scheduler', 'types.FunctionType'), echo, p.reduce)),
    'would run torch.optim.lr_scheduler.types.FunctionType when opened with Python\'s pickle (in "archive/data.pkl", byte 218)',
  ],
  [
    'an object that would be called',
    () => beside(p.join(called('models.faces', 'Net'), echo, p.reduce)),
    'calls an object of models.faces.Net (in "archive/data.pkl", byte 219)',
  ],
  [
    'the weights themselves from an unknown name',
    () => alone(p.dict([p.text('fc.weight'), called('mylib.quant', 'rebuild')])),
    'holds no tensors by name; expected a state dict, found "fc.weight" (an object of mylib.quant.rebuild)',
  ],
  [
    'a tensor of an unknown class',
    () =>
      alone(
        p.dict(
          [p.text('x'), tensorPickle({ key: '0', storage: 4, shape: [4] })],
          [
            p.text('fc.weight'),
            p.join(
              p.global('torch._tensor', '_rebuild_from_type_v2'),
              p.tuple(
                p.global('torch._utils', '_rebuild_tensor_v2'),
                p.global('ao.q', 'Tensor4'),
                p.tuple(p.none),
                p.none,
              ),
              p.reduce,
            ),
          ],
        ),
      ),
    'has an object of ao.q.Tensor4 as "fc.weight"; expected a tensor',
  ],
  [
    'a whole model',
    () => alone(p.join(p.global('torch\u202egpj.', 'x\u0007'), p.emptyTuple, p.newObj)),
    'holds an object of torch\\u202egpj..x\\u0007; expected a dict of tensors by name',
  ],
  [
    'an extension code',
    () => beside(p.join(op.EXT1, 1)),
    'uses a code from Python\'s extension registry, EXT1 (0x82) (in "archive/data.pkl", byte 166)',
  ],
  [
    '_rebuild_qtensor',
    () => beside(called('torch._utils', '_rebuild_qtensor')),
    'holds quantized tensors (torch._utils._rebuild_qtensor); expected floating-point or integer ones (in "archive/data.pkl", byte 166)',
  ],
];

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

refusals('code', code);
refusals('machine', machine);
refusals('tensors', tensors);
