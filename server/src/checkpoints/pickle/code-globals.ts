/**
 * Tells Python names that run code, open files or reach the network from names that are merely unknown. What decides, in
 * this order: names and modules known for it; Python's own modules, of which only plain data is harmless; PyTorch's and
 * NumPy's functions, of which those that build values are on the allow-list. A class of any other library is unknown.
 */
import { STDLIB_MODULES } from './stdlib-modules';

/** Every name in these modules, and in modules below them. */
const modules = new Set(
  (
    'os posix nt sys subprocess _posixsubprocess commands popen2 pty _winapi msvcrt winreg ' +
    'runpy importlib imp pkgutil zipimport site sysconfig code codeop ' +
    'pickle _pickle cPickle dill cloudpickle joblib marshal shelve pydoc ' +
    'pdb bdb cProfile profile trace timeit doctest idlelib lib2to3 ' +
    'socket socketserver ssl http httplib urllib urllib2 urllib3 requests httpx aiohttp ftplib smtplib poplib ' +
    'imaplib telnetlib xmlrpc webbrowser asyncio ' +
    'shutil tempfile io _io codecs fileinput linecache glob mmap fcntl signal ctypes _ctypes cffi ' +
    'multiprocessing concurrent threading _thread inspect gc operator _operator types functools ' +
    'pip setuptools pkg_resources distutils ensurepip venv logging platform getpass antigravity ' +
    'torch.hub torch.jit torch.package torch.multiprocessing torch.distributed torch.utils.cpp_extension ' +
    'torch.utils.data torch.utils._config_module torch.utils.collect_env torch.utils.bottleneck torch.utils.hipify ' +
    'torch._inductor torch._dynamo torch.serialization torch.testing torch.fx torch.onnx torch.ops torch.classes ' +
    'numpy.testing numpy.f2py numpy.distutils numpy.lib numpy.ctypeslib pandas.io pandas.eval pandas.core.computation ' +
    'tensorflow.io tensorflow.raw_ops tensorflow.python keras.utils keras.models keras.saving keras.src ' +
    'IPython ipykernel jupyter_client jsonpickle yaml ruamel pyximport Cython virtualenv wheel pytest _pytest py nose ' +
    'twisted tornado gevent eventlet celery ray distributed loky jinja2 mako websocket websockets boto3 botocore ' +
    'paramiko fabric invoke plumbum pexpect ptyprocess sh psutil pycurl wget gdown fsspec smart_open huggingface_hub ' +
    'win32api win32com win32process pythoncom comtypes execnet rpyc numexpr numba llvmlite sympy.parsing scipy.io git'
  ).split(' '),
);

/** Single names in modules that are otherwise harmless. */
const names = new Set(
  (
    'torch.load torch.save torch.from_file torch.compile torch.storage._load_from_bytes ' +
    'numpy.load numpy.fromfile numpy.save numpy.memmap numpy.loadtxt numpy.genfromtxt ' +
    'copyreg.add_extension copyreg.pickle collections.namedtuple sympy.sympify pandas.read_pickle'
  ).split(' '),
);

/** Modules that a library is likely to have imported, and a name can therefore reach through it. */
const reachable = new Set(
  (
    'os posix nt sys subprocess builtins __builtins__ importlib runpy pickle _pickle cPickle marshal shutil socket ctypes ' +
    'pty pdb webbrowser multiprocessing timeit cProfile codeop'
  ).split(' '),
);

/** What can be reached through modules whose names other libraries also use for their own. */
const ends = new Set(
  (
    'types.FunctionType types.CodeType types.MethodType types.LambdaType functools.reduce functools.partialmethod ' +
    'operator.attrgetter operator.methodcaller operator.itemgetter io.open io.FileIO io.open_code codecs.open ' +
    'threading.Thread threading.Timer logging.FileHandler code.InteractiveInterpreter code.InteractiveConsole ' +
    'tempfile.NamedTemporaryFile tempfile.mkdtemp zipfile.ZipFile tarfile.open gzip.open sqlite3.connect'
  ).split(' '),
);

/** What such a function is called, in whatever library. */
const verbs = new Set(
  (
    'eval exec execfile system popen Popen spawn spawnv spawnl execv execve getoutput getstatusoutput check_output ' +
    'check_call import_module load_module load_model unsafe_load run_code run_module runcode runsource'
  ).split(' '),
);

/** Everything in `builtins` that is not on the allow-list calls, imports, opens or reaches into something. */
const builtins = 'builtins.';

/**
 * Whether a name that is not on the allow-list is known to run code. Protocol 4 lets a name reach through attributes
 * (`torch._utils` + `os.system`), so every part that is such a module counts.
 */
export function runsCode(full: string): boolean {
  if (full.startsWith(builtins) || names.has(full)) return true;
  const parts = full.split('.');
  for (let length = 1; length < parts.length; length++) {
    if (modules.has(parts.slice(0, length).join('.'))) return true;
  }
  if (parts.slice(1, -1).some((part) => reachable.has(part))) return true;
  // An attribute such as __globals__ or __subclasses__ leads to anything; `__main__` is where scripts define classes.
  if (parts.some((part) => part !== '__main__' && /^__\w+__$/.test(part))) return true;
  if (verbs.has(parts[parts.length - 1] ?? '') || ends.has(parts.slice(-2).join('.'))) return true;
  return STDLIB_MODULES.has(parts[0] ?? '') && !plainModules.has(parts[0] ?? '');
}

/** Whether a name leads through one of Python's own modules on its way: `torch.optim.lr_scheduler.types.FunctionType`. */
export function leadsThroughPython(full: string): boolean {
  const parts = full.split('.');
  return parts
    .slice(1, -1)
    .some(
      (part, at) => STDLIB_MODULES.has(part) && !plainModules.has(part) && !(at === 0 && part === 'logging'),
    );
}

/** Modules of Python whose classes are plain data; their functions still have no place in a checkpoint. */
const plainModules = new Set(
  (
    '__main__ __future__ abc array bisect calendar cmath collections _collections_abc contextvars copy copyreg csv dataclasses ' +
    'datetime _pydatetime decimal _decimal _pydecimal difflib email enum fractions graphlib hashlib heapq html ipaddress ' +
    'itertools json keyword locale math numbers pathlib pprint queue Queue random _random re sre_compile sets statistics ' +
    'string stringold struct textwrap time token typing _typing unicodedata UserDict UserList UserString uuid warnings ' +
    'weakref _weakrefset zoneinfo argparse configparser ConfigParser optparse builtins'
  ).split(' '),
);

/**
 * Whether calling a name that is neither on the allow-list nor known to run code is refused all the same: a function of
 * Python, PyTorch or NumPy. Naming one, as a configuration may, is harmless.
 */
export function isForeignFunction(full: string): boolean {
  const first = full.slice(0, full.indexOf('.'));
  const last = full.slice(full.lastIndexOf('.') + 1);
  const core = first === 'torch' || first === 'numpy' || (STDLIB_MODULES.has(first) && first !== '__main__');
  return core && !/^_*[A-Z]/.test(last);
}
