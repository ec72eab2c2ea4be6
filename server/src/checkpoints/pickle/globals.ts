/**
 * What a Python name in a checkpoint stands for. Names are of three kinds: known to be harmless, bound to an
 * inert value; known to run code, which refuses the whole file wherever they occur; and unknown, whose
 * objects stay inert and are named in a warning.
 */
import { CheckpointError, quoted } from '../error';
import type { Where } from '../error';
import { isForeignFunction, runsCode } from './code-globals';
import { configGlobal } from './config-globals';
import { numpyGlobals } from './numpy-globals';
import { pythonGlobals } from './python-globals';
import { torchGlobals } from './torch-globals';
import { PyOpaque } from './values';
import type { PyGlobal } from './values';

export const allowed: ReadonlyMap<string, PyGlobal> = new Map(
  [...pythonGlobals, ...numpyGlobals, ...torchGlobals].map((global) => [global.name, global]),
);

/**
 * Modules that Python 2, or an earlier release of the library, had under another name. Python 3 itself writes the names
 * of Python 2 in protocols 0 to 2 (CPython, Lib/_compat_pickle.py).
 */
const renamedModules: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
  ['numpy._core.multiarray', 'numpy.core.multiarray'],
  ['numpy._core.numeric', 'numpy.core.numeric'],
  ['torch.tensor', 'torch._tensor'],
  ['numpy._core.numerictypes', 'numpy'],
  ['pathlib._local', 'pathlib'],
]);

const renamedNames: ReadonlyMap<string, string> = new Map([
  ['builtins.xrange', 'builtins.range'],
  ['builtins.unicode', 'builtins.str'],
  ['builtins.long', 'builtins.int'],
]);

function canonical(module: string, name: string): string {
  const full = `${renamedModules.get(module) ?? module}.${name}`;
  return renamedNames.get(full) ?? full;
}

/** The inert stand-in for a Python name; undefined where the name runs code. */
export function resolveGlobal(module: string, name: string): PyGlobal | undefined {
  const full = canonical(module, name);
  const known = allowed.get(full);
  if (known !== undefined) return known;
  if (refusedByName.has(full)) return undefined;
  return configGlobal(full) ?? (runsCode(full) ? undefined : foreign(full));
}

/** Of a name on no list: its object is kept by name, and it is remembered that Python would have called it. */
function foreign(full: string): PyGlobal {
  if (isForeignFunction(full)) return { kind: 'global', name: full, runs: true };
  return { kind: 'global', name: full, unknown: true, construct: () => new PyOpaque(full, true) };
}

/** What to throw for a name that runs code, or cannot be read; `offset` is that of the opcode. */
export function refusedGlobal(module: string, name: string, where: Where, offset: number): CheckpointError {
  const full = canonical(module, name);
  const because = refusedByName.get(full);
  if (because !== undefined) {
    return new CheckpointError(where, because, {
      offset,
      kind: 'unsupported',
      fix: 'Save the weights as plain floating-point tensors, or export the network as an ONNX file.',
    });
  }
  return wouldRun(full, where, offset);
}

export function wouldRun(full: string, where: Where, offset: number): CheckpointError {
  const printable = quoted(full).slice(1, -1);
  return new CheckpointError(where, `would run ${printable} when opened with Python's pickle`, {
    offset,
    kind: 'hostile',
    executes: full,
  });
}

const dequantize =
  'holds quantized tensors (torch._utils._rebuild_qtensor); expected floating-point or integer ones';

const refusedByName: ReadonlyMap<string, string> = new Map([
  ['torch._utils._rebuild_qtensor', dequantize],
  [
    'torch._utils._rebuild_sparse_tensor',
    'holds sparse tensors (torch._utils._rebuild_sparse_tensor); expected dense ones',
  ],
  [
    'torch._utils._rebuild_sparse_csr_tensor',
    'holds sparse tensors (torch._utils._rebuild_sparse_csr_tensor); expected dense ones',
  ],
  [
    'torch._utils._rebuild_nested_tensor',
    'holds nested tensors (torch._utils._rebuild_nested_tensor); expected plain ones',
  ],
  [
    'torch._utils._rebuild_meta_tensor_no_storage',
    'holds tensors without values (torch._utils._rebuild_meta_tensor_no_storage); expected stored ones',
  ],
]);
