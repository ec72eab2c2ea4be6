/** Pickles that would run code: each with its exact message. */
import { op } from '../../../server/src/checkpoints/pickle/opcodes';
import { echo, beside, alone, called } from '../../support/checkpoints/hostile-pickle';
import { p } from '../../support/checkpoints/pickle-writer';
import { refusals } from '../../support/checkpoints/refusal';
import type { HostileRow } from '../../support/checkpoints/refusal';
import { tensorPickle, torchLegacy } from '../../support/checkpoints/torch-writer';

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

refusals('code', code);
