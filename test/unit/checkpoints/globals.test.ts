/** The allow-list: what is on it, that nothing on it does anything, and how the rest is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { Containers } from '../../../server/src/checkpoints/pickle/containers';
import { allowedGlobals, refusedGlobal, resolveGlobal } from '../../../server/src/checkpoints/pickle/globals';
import { PyDict, PyList, PyTuple } from '../../../server/src/checkpoints/pickle/values';
import type { Value } from '../../../server/src/checkpoints/pickle/values';

const fail = (reason: string): never => {
  throw new CheckpointError({ file: 'x' }, reason);
};

test('the allow-list holds these modules and no others', () => {
  const modules = new Set(allowedGlobals().map((name) => name.slice(0, name.lastIndexOf('.'))));
  assert.deepEqual([...modules].sort(), [
    ...[
      '_codecs',
      'argparse',
      'builtins',
      'collections',
      'copyreg',
      'datetime',
      'numpy',
      'numpy.core.multiarray',
    ],
    ...['numpy.core.numeric', 'pathlib', 'torch', 'torch._tensor', 'torch._utils', 'torch.cuda'],
    ...[
      'torch.nn',
      'torch.nn.parameter',
      'torch.serialization',
      'torch.storage',
      'torch.torch_version',
      'types',
    ],
  ]);
  assert.deepEqual(
    allowedGlobals().filter((name) => name.startsWith('builtins.')),
    [
      ...[
        'Ellipsis',
        'NoneType',
        'bool',
        'bytearray',
        'bytes',
        'complex',
        'dict',
        'float',
        'frozenset',
        'int',
      ],
      ...['list', 'object', 'range', 'set', 'slice', 'str', 'tuple', 'type'],
    ].map((name) => `builtins.${name}`),
  );
});

test('every name on the list, called with anything, gives a plain value or a CheckpointError', () => {
  const anything: readonly Value[] = [
    ...[null, true, -1, 2 ** 70, 1n << 70n, 'text'],
    ...[new PyList(), new PyDict(), new PyTuple([], 1), resolveGlobal('torch', 'float32')!],
  ];
  for (const name of allowedGlobals()) {
    const global = resolveGlobal(name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1));
    assert.ok(global, name);
    for (const first of anything) {
      for (const args of [[], [first], [first, first], [first, first, first, first, first, first, first]]) {
        try {
          const value = global.construct?.(args, new Containers(fail));
          assert.notEqual(typeof value, 'function', name);
        } catch (error) {
          assert.ok(error instanceof CheckpointError, `${name}: ${String(error)}`);
        }
      }
    }
  }
});

test('names of Python 2 and of older libraries are the same names', () => {
  for (const [module, name, current] of [
    ['__builtin__', 'set', 'builtins.set'],
    ['__builtin__', 'xrange', 'builtins.range'],
    ['copy_reg', '_reconstructor', 'copyreg._reconstructor'],
    ['numpy._core.multiarray', 'scalar', 'numpy.core.multiarray.scalar'],
    ['torch', '_utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor_v2'],
  ] as const) {
    assert.equal(resolveGlobal(module, name)?.name, current);
  }
});

const runs = [
  ...['os.system', 'posix.system', 'nt.system', 'subprocess.Popen', 'builtins.exec', '__builtin__.execfile'],
  ...[
    'runpy._run_code',
    'importlib.import_module',
    'pickle.loads',
    '_pickle.loads',
    'dill.loads',
    'torch.load',
  ],
  ...['torch.hub.load', 'torch.jit.load', 'torch.storage._load_from_bytes', 'numpy.load', 'webbrowser.open'],
  ...[
    'shutil.rmtree',
    'socket.socket',
    'code.InteractiveInterpreter',
    'pty.spawn',
    'ctypes.CDLL',
    'timeit.timeit',
  ],
  ...['types.FunctionType', 'functools.partial', 'operator.attrgetter', 'codecs.open', 'io.open', 'pip.main'],
  ...['numpy.testing._private.utils.runstring', 'torch._utils.os.system', 'torch.serialization.os.system'],
];
const unknown = [
  ...[
    'models.face.Net',
    'torch.nn.modules.linear.Linear',
    'omegaconf.dictconfig.DictConfig',
    'oslo.config.Options',
  ],
  ...['torchvision.models.resnet.ResNet', 'timm.models.efficientnet.EfficientNet', 'mycode.types.Config'],
];

test('names known to run code are told from names that are merely unknown', () => {
  const executes = (full: string): string | undefined => {
    const at = full.lastIndexOf('.');
    assert.equal(resolveGlobal(full.slice(0, at), full.slice(at + 1)), undefined, full);
    return refusedGlobal(full.slice(0, at), full.slice(at + 1), { file: 'x' }, 0).executes;
  };
  for (const full of runs) assert.equal(executes(full), full.replace('__builtin__', 'builtins'));
  for (const full of unknown) assert.equal(executes(full), undefined, full);
});
