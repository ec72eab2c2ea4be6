/** Names that torchvision's own published files still have, and that torchvision itself changes on loading. */
import type { StateDict } from './state-dict';
import { renamedTensors } from './state-dict';

interface Legacy {
  readonly old: RegExp;
  readonly current: (match: RegExpExecArray) => string;
}

const rules: readonly Legacy[] = [
  // densenet.py, _load_state_dict: modules whose names had a dot, as PyTorch 0.3 allowed.
  {
    old: /^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.[a-z_]+)$/,
    current: ([, module = '', rest = '']) => module + rest,
  },
  // vision_transformer.py, MLPBlock._load_from_state_dict: version 1 named the linear layers.
  {
    old: /^(.*encoder_layer_\d+\.mlp\.)linear_([12])\.(weight|bias)$/,
    current: ([, mlp = '', index, kind = '']) => `${mlp}${index === '1' ? 0 : 3}.${kind}`,
  },
];

/** The same tensors under the names of torchvision 0.24; a state dict without old names is returned as it is. */
export function withCurrentNames(stateDict: StateDict): StateDict {
  const names = new Map([...stateDict.names()].map((name) => [currentName(name), name]));
  const renamed = [...names].some(([current, name]) => current !== name);
  const count = [...stateDict.names()].length;
  // If two names would coincide, the file is not one of these.
  return renamed && names.size === count ? renamedTensors(stateDict, names) : stateDict;
}

function currentName(name: string): string {
  for (const { old, current } of rules) {
    const match = old.exec(name);
    if (match !== null) return current(match);
  }
  return name;
}
