/** Names of Python's standard library that appear in checkpoints. None keeps more than plain data. */
import { describe, isGlobal, PyBytes, PyDict, PyOpaque } from './values';
import type { PyGlobal, Value } from './values';

/** A class whose instances are kept only by name. */
function opaque(name: string): PyGlobal {
  return { kind: 'global', name, construct: () => new PyOpaque(name) };
}

/** A class that is mentioned, as a default factory or a base class, but never made here. */
function mention(name: string): PyGlobal {
  return { kind: 'global', name };
}

export const pythonGlobals: readonly PyGlobal[] = [
  {
    kind: 'global',
    name: 'collections.OrderedDict',
    construct: ([pairs], context) => context.dict('OrderedDict', pairs),
  },
  {
    kind: 'global',
    name: 'collections.defaultdict',
    // The factory would make missing values; nothing here looks one up.
    construct: ([factory, entries], context) => {
      const plain = factory === undefined || factory === null || factory instanceof PyOpaque;
      if (!plain && !isGlobal(factory)) {
        context.fail(`makes a defaultdict with ${describe(factory)} as its factory`, 'unsupported');
      }
      return context.dict('defaultdict', entries);
    },
  },
  {
    kind: 'global',
    name: 'collections.Counter',
    construct: ([entries], context) => {
      if (entries !== undefined && !(entries instanceof PyDict)) {
        context.fail(`makes a Counter from ${describe(entries)}`, 'unsupported');
      }
      return context.dict('Counter', entries);
    },
  },
  { kind: 'global', name: 'collections.deque', construct: ([items], context) => context.list(items) },
  { kind: 'global', name: 'builtins.list', construct: ([items], context) => context.list(items) },
  { kind: 'global', name: 'builtins.dict', construct: ([entries], context) => context.dict('dict', entries) },
  { kind: 'global', name: 'builtins.set', construct: ([items], context) => context.set(items) },
  { kind: 'global', name: 'builtins.frozenset', construct: ([items], context) => context.set(items) },
  ...['bytearray', 'bytes', 'complex', 'range', 'slice', 'object'].map((name) => opaque(`builtins.${name}`)),
  ...['int', 'float', 'bool', 'str', 'tuple', 'type', 'NoneType', 'Ellipsis'].map((name) =>
    mention(`builtins.${name}`),
  ),
  {
    kind: 'global',
    name: '_codecs.encode',
    // How protocol 2 writes bytes: as text, one character a byte.
    construct: ([text]) => new PyBytes(typeof text === 'string' ? text.length : 0),
  },
  {
    kind: 'global',
    name: 'copyreg._reconstructor',
    // Protocols 0 and 1 make objects this way: (class, base class, state).
    construct: ([type], context): Value => {
      if (!isGlobal(type) || !type.construct) {
        return context.fail(`reconstructs ${describe(type)}`, 'unsupported');
      }
      return type.construct([], context);
    },
  },
  {
    kind: 'global',
    name: 'copyreg.__newobj__',
    construct: ([type], context): Value =>
      isGlobal(type) && type.construct
        ? type.construct([], context)
        : context.fail(`makes ${describe(type)}`, 'unsupported'),
  },
  {
    kind: 'global',
    name: 'functools.partial',
    // Keeps a function and its arguments, calls nothing: of the kind that the function is (machine.ts refuses the rest).
    construct: ([callee]) => new PyOpaque('functools.partial', isGlobal(callee) && callee.unknown === true),
  },
  ...['random.Random', 'uuid.UUID', 'uuid.SafeUUID', 're._compile', 're.Pattern', 're.RegexFlag'].map(opaque),
  ...['collections.ChainMap', 'collections.UserDict', 'collections.UserList', 'logging.getLogger'].map(
    opaque,
  ),
  ...['array.array', 'array._array_reconstructor', 'time.struct_time', 'types.MappingProxyType'].map(opaque),
  ...['string.Template', 'zoneinfo.ZoneInfo._unpickle', 'pathlib.Path', 'pathlib.PurePath'].map(opaque),
  opaque('argparse.Namespace'),
  opaque('types.SimpleNamespace'),
  ...['PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath'].map((name) =>
    opaque(`pathlib.${name}`),
  ),
  ...['datetime', 'date', 'time', 'timedelta', 'timezone'].map((name) => opaque(`datetime.${name}`)),
];
