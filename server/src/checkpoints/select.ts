/** Finds the state dict in a checkpoint, and lists what else it holds. */
import { isDtype } from './dtypes';
import type { Dtype } from './dtypes';
import { CheckpointError, quoted } from './error';
import type { Where } from './error';
import { describe, isTensor, PyDict, PyOpaque } from './pickle/values';
import type { PyTensor, Value } from './pickle/values';
import { chooseStateDict, keyName, WHOLE_FILE } from './state-dict-choice';
import type { Candidate } from './state-dict-choice';
import { layoutProblem } from './tensor';
import { unreadDtype } from './unread-dtype';

export interface StateDict {
  /** Each of a dtype and a layout that can be read. */
  readonly tensors: ReadonlyMap<string, PyTensor & { readonly element: { readonly name: Dtype } }>;
  readonly location: string;
  readonly others: readonly string[];
  readonly skipped: readonly string[];
}

/** The tensors of the state dict at `wanted`, or of the usual one. Throws a CheckpointError that lists what was found. */
export function selectStateDict(root: Value, where: Where, wanted?: string): StateDict {
  if (isTensor(root) || !(root instanceof PyDict)) {
    throw new CheckpointError(where, `holds ${describe(root)}; expected a dict of tensors by name`, {
      kind: 'unsupported',
    });
  }
  const { chosen, others } = chooseStateDict(root, where, wanted);
  return {
    tensors: tensorsOf(chosen, where),
    location: chosen.location === WHOLE_FILE ? '' : chosen.location,
    others,
    skipped: skippedNames(root, chosen),
  };
}

function tensorsOf({ dict, prefix }: Candidate, where: Where): StateDict['tensors'] {
  const tensors = new Map<string, PyTensor & { readonly element: { readonly name: Dtype } }>();
  for (const [key, value] of dict.entries) {
    if (typeof key !== 'string' || !key.startsWith(prefix)) continue;
    if (value instanceof PyOpaque && PARAMETER.test(key)) throw noTensor(key, value, where);
    if (!isTensor(value)) continue;
    const problem = nameProblem(key) ?? layoutProblem(value.shape, value.strides);
    if (problem !== null) throw unusable(key, problem, where);
    const { name, bytes } = value.element;
    if (!isDtype(name)) {
      throw unreadDtype(where, key, name);
    }
    tensors.set(key, { ...value, element: { name, bytes } });
  }
  return tensors;
}

/** Names that layers give their tensors. */
const PARAMETER = /(^|\.)(weight|bias|running_mean|running_var)$/;

const noTensor = (key: string, value: PyOpaque, where: Where): CheckpointError =>
  new CheckpointError(where, `has ${describe(value)} as ${quoted(key)}; expected a tensor`, {
    kind: 'unsupported',
  });

function unusable(key: string, problem: string, where: Where): CheckpointError {
  return new CheckpointError(where, `has a tensor ${quoted(key)} that ${problem}`, {
    kind: 'unsupported',
    fix: 'Save it as a contiguous tensor under a plain name.',
  });
}

/** Why a tensor's name is refused, or null: it will be shown, written to JSON and used as a file name. */
export function nameProblem(name: string): string | null {
  if (name.length > 1024) return `has a name of ${name.length} characters; at most 1024 are read`;
  if (/\p{Surrogate}/u.test(name)) return 'has a name that is not Unicode text';
  return null;
}

/** Top-level names outside the chosen dict, then what the dict holds besides tensors. */
function skippedNames(root: PyDict, { dict, path, location }: Candidate): string[] {
  const outside = dict === root ? [] : [...root.entries.keys()].filter((key) => key !== path[0]).map(keyName);
  const inside = [...dict.entries].filter(([key, value]) => typeof key !== 'string' || !isTensor(value));
  const prefix = location === WHOLE_FILE ? '' : `${location}.`;
  return [...outside, ...inside.map(([key]) => prefix + keyName(key))];
}
