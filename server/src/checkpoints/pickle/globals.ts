/** The allow-list: every Python name a checkpoint may mention, and what is said about all the others. */
import { CheckpointError, quoted } from '../error';
import type { Where } from '../error';
import { runsCode } from './code-globals';
import { numpyGlobals } from './numpy-globals';
import { pythonGlobals } from './python-globals';
import { torchGlobals } from './torch-globals';
import type { PyGlobal } from './values';

const allowed: ReadonlyMap<string, PyGlobal> = new Map(
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

/** The inert stand-in for a Python name; undefined where the name is not on the list. */
export function resolveGlobal(module: string, name: string): PyGlobal | undefined {
  return allowed.get(canonical(module, name));
}

/** All names on the list, for documentation and tests. */
export function allowedGlobals(): readonly string[] {
  return [...allowed.keys()].sort();
}

const saveWeightsOnly =
  'If you trust the file, open it in Python and save only its weights: ' +
  "torch.save(model.state_dict(), 'weights.pth').";

/** What to throw for a name that is not on the list; `offset` is that of the opcode. */
export function refusedGlobal(module: string, name: string, where: Where, offset: number): CheckpointError {
  const full = canonical(module, name);
  const printable = quoted(full).slice(1, -1);
  const because = refusedByName.get(full);
  if (because !== undefined) {
    return new CheckpointError(where, because, { offset, fix: saveWeightsOnly });
  }
  if (runsCode(full)) {
    return new CheckpointError(where, `would run ${printable} when opened with Python's pickle`, {
      offset,
      executes: full,
      fix: 'Do not open this file in Python. Get the weights from a source you trust.',
    });
  }
  return new CheckpointError(
    where,
    `holds an object of ${printable}; expected only tensors and plain Python containers`,
    { offset, fix: saveWeightsOnly },
  );
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
