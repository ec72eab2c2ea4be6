/** Finds the state dict in what a checkpoint holds, and says what else is there. */
import { dtypeNames, isDtype } from './dtypes';
import type { Dtype } from './dtypes';
import { CheckpointError, nameList, quoted } from './error';
import type { Where } from './error';
import { describe, isTensor, PyDict } from './pickle/values';
import type { PyTensor, Value } from './pickle/values';
import { layoutProblem } from './tensor';

export interface StateDict {
  /** Each of a dtype and a layout that can be read. */
  readonly tensors: ReadonlyMap<string, PyTensor & { readonly element: { readonly name: Dtype } }>;
  readonly location: string;
  readonly skipped: readonly string[];
}

/** Names under which training scripts keep the model, the likeliest first. */
const modelKeys = [
  'model',
  'state_dict',
  'model_state_dict',
  'model_state',
  'net',
  'network',
  'ema',
  'model_ema',
  'state_dict_ema',
  'ema_state_dict',
  'params_ema',
  'params',
  'weights',
  'module',
];

/** State dicts inside state dicts: `{model: {state_dict: {...}}}` and one more. */
const maxDepth = 3;

interface Candidate {
  /** Keys from the top down to the dict; empty for the top itself. */
  readonly path: readonly string[];
  readonly location: string;
  readonly dict: PyDict;
}

/**
 * The dict of tensors to use: at `wanted` where that is given, otherwise under the first of the usual names, otherwise
 * the whole file, otherwise the only other dict of tensors. Throws a CheckpointError that lists what was found.
 */
export function selectStateDict(root: Value, where: Where, wanted?: string): StateDict {
  if (isTensor(root) || !(root instanceof PyDict)) {
    throw new CheckpointError(where, `holds ${describe(root)}; expected a dict of tensors by name`, {
      fix: "Save the model's weights: torch.save(model.state_dict(), 'weights.pth').",
    });
  }
  const candidates = findCandidates(root);
  const chosen = wanted === undefined ? choose(candidates, root, where) : pick(candidates, wanted, where);
  return {
    tensors: tensorsOf(chosen, where),
    location: chosen.location,
    skipped: skippedNames(root, chosen),
  };
}

/** Breadth first: every dict within reach that has a tensor under a text key. Optimizer states have numbers there. */
function findCandidates(root: PyDict): Candidate[] {
  const found: Candidate[] = [];
  const seen = new Set<PyDict>([root]);
  let level: Candidate[] = [{ path: [], location: '', dict: root }];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const next: Candidate[] = [];
    for (const candidate of level) {
      let hasTensor = false;
      for (const [key, value] of candidate.dict.entries) {
        if (typeof key !== 'string') continue;
        if (isTensor(value)) hasTensor = true;
        if (value instanceof PyDict && !seen.has(value)) {
          seen.add(value);
          const path = [...candidate.path, key];
          next.push({ path, location: path.join('.'), dict: value });
        }
      }
      if (hasTensor) found.push(candidate);
    }
    level = next;
  }
  return found;
}

function choose(candidates: readonly Candidate[], root: PyDict, where: Where): Candidate {
  const named = modelKeys.flatMap((key) => candidates.filter(({ path }) => path[0] === key));
  const bare = candidates.find(({ path }) => path.length === 0);
  const others = candidates.filter(({ path }) => !/^(optim|scheduler|lr_sched|scaler)/i.test(path[0] ?? ''));
  const chosen = named[0] ?? bare ?? others[0];
  if (!chosen) {
    const names = [...root.entries.keys()].map(keyName);
    throw new CheckpointError(
      where,
      `holds no tensors by name; expected a state dict, found ${names.length === 0 ? 'an empty dict' : nameList(names)}`,
      { fix: "Save the model's weights: torch.save(model.state_dict(), 'weights.pth')." },
    );
  }
  if (!named[0] && !bare && others.length > 1) {
    throw new CheckpointError(
      where,
      `holds ${others.length} state dicts, ${nameList(others.map(({ location }) => location))}; expected one`,
      { fix: 'Say which one to use.' },
    );
  }
  return chosen;
}

function pick(candidates: readonly Candidate[], wanted: string, where: Where): Candidate {
  const found = candidates.find(({ location }) => location === wanted);
  if (found) return found;
  const names = candidates.map(({ location }) => location);
  throw new CheckpointError(
    where,
    `has no state dict at ${quoted(wanted)}; there is one at ${nameList(names)}`,
    {
      fix: 'Choose one of these.',
    },
  );
}

function tensorsOf({ dict }: Candidate, where: Where): StateDict['tensors'] {
  const tensors = new Map<string, PyTensor & { readonly element: { readonly name: Dtype } }>();
  for (const [key, value] of dict.entries) {
    if (typeof key !== 'string' || !isTensor(value)) continue;
    const problem = nameProblem(key) ?? layoutProblem(value.shape, value.strides);
    if (problem !== null) throw unusable(key, problem, where);
    const { name, bytes } = value.element;
    if (!isDtype(name)) {
      throw unusable(key, `has dtype ${name}; expected one of ${dtypeNames.join(', ')}`, where);
    }
    tensors.set(key, { ...value, element: { name, bytes } });
  }
  return tensors;
}

function unusable(key: string, problem: string, where: Where): CheckpointError {
  return new CheckpointError(where, `has a tensor ${quoted(key)} that ${problem}`, {
    fix: 'Convert it in Python and save the weights again.',
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
  const prefix = location === '' ? '' : `${location}.`;
  return [...outside, ...inside.map(([key]) => prefix + keyName(key))];
}

function keyName(key: Value): string {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint'
    ? String(key)
    : describe(key);
}
