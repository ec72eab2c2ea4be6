/** The allow-list: what is on it, that nothing on it does anything, and how the rest is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { Containers } from '../../../server/src/checkpoints/pickle/containers';
import { allowed, refusedGlobal, resolveGlobal } from '../../../server/src/checkpoints/pickle/globals';
import { PyDict, PyList, PyOpaque, PyTuple } from '../../../server/src/checkpoints/pickle/values';
import type { Value } from '../../../server/src/checkpoints/pickle/values';

const names = [...allowed.keys()].sort();

const fail = (reason: string): never => {
  throw new CheckpointError({ file: 'x' }, reason);
};

test('the allow-list holds these modules and no others', () => {
  const modules = new Set(names.map((name) => name.slice(0, name.lastIndexOf('.'))));
  assert.deepEqual(
    [...modules].sort(),
    (
      '_codecs argparse array builtins collections copyreg datetime functools logging numpy numpy.core.multiarray ' +
      'numpy.core.numeric numpy.ma numpy.ma.core numpy.random numpy.random._generator numpy.random._mt19937 numpy.random._pcg64 ' +
      'numpy.random._philox numpy.random._pickle numpy.random._sfc64 numpy.random.bit_generator numpy.random.mtrand ' +
      'pathlib random re string time torch torch._tensor torch._utils torch.cuda torch.nn torch.nn.parameter ' +
      'torch.serialization torch.storage torch.torch_version types uuid zoneinfo.ZoneInfo'
    ).split(' '),
  );
  assert.deepEqual(
    names.filter((name) => name.startsWith('builtins.')),
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
  for (const name of names) {
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

/** Names of the test files of other scanners, and of the same kinds: called or named, they refuse the file. */
const runs = (
  'os.system posix.system nt.system subprocess.Popen builtins.exec __builtin__.execfile runpy._run_code ' +
  'importlib.import_module pickle.loads _pickle.loads dill.loads torch.load torch.hub.load torch.jit.load ' +
  'torch.storage._load_from_bytes numpy.load webbrowser.open shutil.rmtree socket.socket code.InteractiveInterpreter ' +
  'pty.spawn ctypes.CDLL timeit.timeit types.FunctionType types.CodeType operator.attrgetter operator.methodcaller ' +
  'functools.reduce codecs.open io.open pip.main numpy.testing._private.utils.runstring torch._utils.os.system ' +
  'torch.serialization.os.system builtins.getattr builtins.__import__ builtins.compile builtins.breakpoint builtins.open ' +
  'builtins.input __builtin__.apply bdb.Bdb pdb.Pdb asyncio.unix_events._UnixSubprocessTransport._start ' +
  'httplib.HTTPSConnection ssl.get_server_certificate _osx_support._read_output _aix_support._read_cmd_output ' +
  'tensorflow.keras.models.load_model distutils.file_util.write_file numpy.f2py.crackfortran.param_eval numpy.f2py.crackfortran._eval_length ' +
  'torch._dynamo.guards.GuardBuilder.get torch._inductor.codecache.compile_file torch.utils.collect_env.run ' +
  'torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression torch.fx.graph_module.reduce_graph_module ' +
  'torch.utils._config_module.ConfigModule.load_config torch.jit.unsupported_tensor_ops.execWrapper ' +
  'torch.utils.bottleneck.__main__.run_cprofile torch.utils.data.datapipes.utils.decoder.basichandlers ' +
  'lib2to3.pgen2.grammar.Grammar.loadgrammar lib2to3.pgen2.pgen.ParserGenerator idlelib.run.Executive.runcode ' +
  'idlelib.pyshell.ModifiedInterpreter.runcode idlelib.autocomplete.AutoComplete.get_entity idlelib.calltip.Calltip.fetch_tip ' +
  'doctest.debug_script ensurepip._run_pip cProfile.runctx profile.Profile.run trace.Trace.runctx ' +
  'code.InteractiveInterpreter.runcode test.support.script_helper.assert_python_ok _pyrepl.pager.pipe_pager ' +
  'imaplib.IMAP4_stream logging.FileHandler logging.config.listen venv.create cgitb.lookup pydoc.pipepager ' +
  'pip._internal.main mailcap.findmatch sqlite3.connect zipfile.ZipFile tarfile.open smtplib.SMTP ftplib.FTP ' +
  'urllib.request.urlopen urllib2.urlopen requests.api.get aiohttp.client.ClientSession xmlrpc.client.ServerProxy ' +
  'multiprocessing.util.spawnv_passfds yaml.unsafe_load joblib.load cloudpickle.loads marshal.loads sys.exit ' +
  'commands.getoutput popen2.popen3 pkgutil.resolve_name site.main sysconfig.get_config_vars tempfile.mktemp ' +
  'platform.popen signal.signal gc.get_objects inspect.getsource linecache.updatecache mmap.mmap ' +
  'mylib.utils.subprocess.Popen mylib.__init__.__globals__ mylib.tools.eval pandas.read_pickle numexpr.evaluate ' +
  'mylib.a.types.CodeType torch.nn.modules.module.functools.partialmethod torch.optim.lr_scheduler.types.FunctionType ' +
  'pytorch_lightning.utilities.subprocess.Popen mmengine.config.config.tempfile.NamedTemporaryFile'
).split(' ');

/** Functions of Python, PyTorch and NumPy that are on no list: naming one is harmless, calling one refuses the file. */
const functions = (
  'uuid._get_command_stdout random.seed math.sqrt copy.deepcopy torch.sigmoid torch.nn.functional.relu numpy.mean ' +
  'torch.utils.show_pickle.main datetime.datetime.now collections.OrderedDict.fromkeys json.loads torch.optim.SGD.step'
).split(' ');

/** What training leaves beside weights: values without a warning. */
const harmless = (
  'torch.optim.adam.Adam torch.optim.lr_scheduler.CosineAnnealingLR torch.nn.modules.loss.CrossEntropyLoss ' +
  'torch.amp.grad_scaler.GradScaler torch.utils.data.sampler.RandomSampler argparse.Namespace pathlib.PosixPath ' +
  'numpy.random._pickle.__randomstate_ctor numpy.random._pickle.__generator_ctor numpy.random._pcg64.PCG64 ' +
  'datetime.datetime decimal.Decimal fractions.Fraction uuid.UUID random.Random functools.partial logging.getLogger ' +
  'pytorch_lightning.utilities.parsing.AttributeDict mmengine.config.config.ConfigDict yacs.config.CfgNode ' +
  'mmengine.logging.history_buffer.HistoryBuffer omegaconf.dictconfig.DictConfig easydict.EasyDict typing.Any ' +
  'timm.scheduler.cosine_lr.CosineLRScheduler transformers.trainer_utils.IntervalStrategy numpy.dtypes.Float64DType ' +
  'collections.OrderedDict torchmetrics.classification.accuracy.Accuracy'
).split(' ');

/** Classes and functions of others: inert, and named in a warning. */
const unknown = (
  'models.face.Net __main__.Mode oslo.config.Options torchvision.models.resnet.ResNet timm.models.efficientnet.EfficientNet ' +
  'mycode.types.Config mycode.code.Generator mycode.io.Reader sklearn.preprocessing._label.LabelEncoder ' +
  'pandas._libs.internals._unpickle_block ultralytics.nn.tasks.DetectionModel fastai.torch_core.TensorImage ' +
  'mylib.rebuild torch.distributions.normal.Normal'
).split(' ');

const split = (full: string): readonly [string, string] => {
  const at = full.lastIndexOf('.');
  return [full.slice(0, at), full.slice(at + 1)];
};

test('names known to run code refuse the file', () => {
  for (const full of runs) {
    assert.equal(resolveGlobal(...split(full)), undefined, full);
    const { executes, problem, fix } = refusedGlobal(...split(full), { file: 'x' }, 0);
    assert.equal(executes, full.replace('__builtin__', 'builtins'));
    assert.equal(problem, 'hostile');
    assert.match(fix ?? '', /Do not open this file in Python/);
  }
});

test('functions of Python, PyTorch and NumPy may be named, not called', () => {
  for (const full of functions) assert.equal(resolveGlobal(...split(full))?.runs, true, full);
});

test('what training leaves beside weights is known to be harmless', () => {
  for (const full of harmless) {
    const found = resolveGlobal(...split(full));
    assert.ok(found?.construct, full);
    assert.deepEqual([found.unknown, found.runs], [undefined, undefined], full);
  }
});

test('any other name is unknown, and its objects are kept by name alone', () => {
  for (const full of unknown) {
    const found = resolveGlobal(...split(full));
    assert.equal(found?.unknown, true, full);
    const value = found.construct?.([], new Containers(fail));
    assert.ok(value instanceof PyOpaque && value.unknown && value.type === full, full);
  }
});

test('no refusal advises to open the file in Python', () => {
  const advice = [...runs, 'torch._utils._rebuild_qtensor', 'torch._utils._rebuild_sparse_tensor'].map(
    (full) => refusedGlobal(...split(full), { file: 'x' }, 0).fix ?? '',
  );
  for (const fix of advice) assert.doesNotMatch(fix, /(?<!not )open (it|this file) in Python|torch\.load/i);
});
