/** Python names known for running code, opening files or reaching the network: the vocabulary of hostile pickles. */

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
    'torch.utils.data torch.utils._config_module torch.utils.collect_env torch._inductor torch._dynamo ' +
    'torch.serialization torch.testing torch.fx torch.onnx torch.ops torch.classes ' +
    'numpy.testing numpy.f2py numpy.distutils numpy.lib numpy.ctypeslib pandas.io pandas.eval ' +
    'tensorflow.io keras.utils'
  ).split(' '),
);

/** Single names in modules that are otherwise harmless. */
const names = new Set(
  (
    'torch.load torch.save torch.from_file torch.compile torch.storage._load_from_bytes ' +
    'numpy.load numpy.fromfile numpy.save numpy.memmap numpy.loadtxt numpy.genfromtxt ' +
    'copyreg.add_extension copyreg.pickle collections.namedtuple'
  ).split(' '),
);

/** Modules that a library is likely to have imported, and a name can therefore reach through it. */
const reachable = new Set(
  'os posix nt sys subprocess builtins __builtins__ importlib runpy pickle shutil socket ctypes'.split(' '),
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
  return parts.slice(1, -1).some((part) => reachable.has(part));
}
