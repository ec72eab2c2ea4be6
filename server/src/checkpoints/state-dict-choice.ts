/**
 * Finds the state dicts in what a checkpoint holds, and decides which is read: the one that was requested, else the first of
 * the usual names, else the whole file, else the only other one. An average (`ema`) comes after the weights that were
 * trained: timm takes it first, so those who want it ask for it.
 */
import { CheckpointError, nameList, quoted } from './error';
import type { Where } from './error';
import { describe, isTensor, PyDict, PyOpaque } from './pickle/values';
import type { Value } from './pickle/values';

/** Names under which training scripts keep the model, the most likely first. */
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

/** How the whole file is requested. */
export const WHOLE_FILE = '.';

/** State dicts inside state dicts: `{model: {state_dict: {...}}}` and one more. */
const MAX_DEPTH = 3;

/** Keys of what training keeps beside a network: tensors in there are no weights. */
const TRAINING = /^(optim|scheduler|lr_sched|scaler|grad_scaler|rng|random|loss|criterion|metric)/i;

export interface Candidate {
  /** Keys from the top down to the dict; empty for the top itself. */
  readonly path: readonly string[];
  /** As it is requested: "model.state_dict", or "." for the top. */
  readonly location: string;
  readonly dict: PyDict;
  /** Only tensors whose names begin so, where one of several networks in one dict is meant; else "". */
  readonly prefix: string;
}

export interface Choice {
  readonly chosen: Candidate;
  /** Locations of other networks' weights, in the order of the file. */
  readonly others: readonly string[];
}

/** @throws CheckpointError that lists what was found */
export function chooseStateDict(root: PyDict, where: Where, wanted?: string): Choice {
  const candidates = findCandidates(root);
  const chosen =
    wanted === undefined ? usual(candidates, root, where) : asked(candidates, wanted, root, where);
  const others = networks(candidates).filter(
    (other) => other.dict !== chosen.dict && !isWithin(other, chosen),
  );
  return { chosen, others: others.map(({ location }) => location) };
}

/** Breadth first: every dict within reach that has a tensor under a text key. Optimizer states have numbers there. */
function findCandidates(root: PyDict): Candidate[] {
  const found: Candidate[] = [];
  const seen = new Set<PyDict>([root]);
  let level: Candidate[] = [{ path: [], location: WHOLE_FILE, dict: root, prefix: '' }];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: Candidate[] = [];
    for (const candidate of level) {
      let hasTensor = false;
      for (const [key, value] of candidate.dict.entries) {
        if (typeof key !== 'string') continue;
        if (isTensor(value)) hasTensor = true;
        if (value instanceof PyDict && !seen.has(value)) {
          seen.add(value);
          const path = [...candidate.path, key];
          next.push({ path, location: path.join('.'), dict: value, prefix: '' });
        }
      }
      if (hasTensor) found.push(candidate);
    }
    level = next;
  }
  return found;
}

/** Those that may be a network's: some weight of two or more dimensions, outside what training keeps for itself. */
function networks(candidates: readonly Candidate[]): readonly Candidate[] {
  const isWeight = ([key, value]: readonly [Value, Value]): boolean =>
    typeof key === 'string' && isTensor(value) && value.shape.length >= 2;
  return candidates.filter(
    ({ path, dict }) => !path.some((key) => TRAINING.test(key)) && [...dict.entries].some(isWeight),
  );
}

/** Whether `a` is inside `b`: a part of it. */
const isWithin = (a: Candidate, b: Candidate): boolean =>
  b.path.length > 0 && a.path.length > b.path.length && b.path.every((key, level) => key === a.path[level]);

function usual(candidates: readonly Candidate[], root: PyDict, where: Where): Candidate {
  const named = modelKeys.flatMap((key) => candidates.filter(({ path }) => path[0] === key));
  const bare = candidates.find(({ path }) => path.length === 0);
  const untrained = candidates.filter(({ path }) => !TRAINING.test(path[0] ?? ''));
  const weights = networks(untrained);
  const others = weights.length > 0 ? weights : untrained;
  const chosen = named[0] ?? bare ?? others[0];
  if (!chosen) throw noTensors(root, where);
  if (!named[0] && !bare && others.length > 1) {
    const names = others.map(({ location }) => location);
    throw new CheckpointError(where, `holds ${names.length} state dicts, ${nameList(names)}; expected one`, {
      fix: 'Say which of them is the network.',
      remedies: [{ do: 'choose-state-dict', names }],
    });
  }
  return chosen;
}

const MOST_SHOWN = 8;

function noTensors(root: PyDict, where: Where): CheckpointError {
  const entries = [...root.entries];
  const shown = entries.slice(0, MOST_SHOWN).map(([key, value]) => {
    const object = value instanceof PyOpaque ? ` (${describe(value)})` : '';
    return `${quoted(keyName(key), 60)}${object}`;
  });
  if (entries.length > MOST_SHOWN) shown.push(`and ${entries.length - MOST_SHOWN} more`);
  const found = shown.length === 0 ? 'an empty dict' : shown.join(', ');
  return new CheckpointError(where, `holds no tensors by name; expected a state dict, found ${found}`, {
    kind: 'unsupported',
  });
}

/** At a location, or the tensors of one dict whose names begin with one (`ema` for `ema.conv1.weight`). */
function asked(candidates: readonly Candidate[], wanted: string, root: PyDict, where: Where): Candidate {
  const exact = candidates.find(({ location }) => location === wanted);
  if (exact) return exact;
  const first =
    modelKeys.flatMap((key) => candidates.filter(({ path }) => path[0] === key))[0] ?? candidates[0];
  for (const candidate of first === undefined ? [] : [first, ...candidates]) {
    const below = candidate.location === WHOLE_FILE ? '' : `${candidate.location}.`;
    const rest = wanted.startsWith(below) ? wanted.slice(below.length) : candidate === first ? wanted : null;
    if (rest === null) continue;
    const prefix = `${rest}.`;
    const holds = [...candidate.dict.entries.keys()].some(
      (key) => typeof key === 'string' && key.startsWith(prefix),
    );
    if (holds) return { ...candidate, location: wanted, prefix };
  }
  const names = candidates.map(({ location }) => location);
  if (names.length === 0) throw noTensors(root, where);
  throw new CheckpointError(where, `has no state dict ${quoted(wanted)}; it has ${nameList(names)}`, {
    fix: 'Name one of those.',
    remedies: [{ do: 'choose-state-dict', names }],
  });
}

export function keyName(key: Value): string {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint'
    ? String(key)
    : describe(key);
}

/** Of a flat file the tensors whose names begin with the location. @throws CheckpointError where none does */
export function within<T>(
  tensors: ReadonlyMap<string, T>,
  location: string | undefined,
  path: string,
): { readonly tensors: ReadonlyMap<string, T>; readonly skipped: readonly string[] } {
  if (location === undefined || location === WHOLE_FILE) return { tensors, skipped: [] };
  const named = new Map([...tensors].filter(([name]) => name.startsWith(`${location}.`)));
  if (named.size > 0)
    return { tensors: named, skipped: [...tensors.keys()].filter((name) => !named.has(name)) };
  throw new CheckpointError(
    { file: path },
    `has no state dict ${quoted(location)}: none of its tensors has a name that starts with it`,
    {
      kind: 'unsupported',
      fix: 'Give what comes before the first dot in the names of the tensors to read.',
      remedies: ['no-state-dict'],
    },
  );
}
