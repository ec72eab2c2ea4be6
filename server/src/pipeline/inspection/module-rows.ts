/** Nodes and weights as the tree of their modules, in rows from the outside in. */
import type { ModelRow } from '../../../../protocol/model-structure';

export interface PlacedNode {
  /** The modules around it by their whole paths, the outermost first. */
  readonly modules: readonly string[];
  readonly operator: string;
  readonly flops: number | null;
  readonly shape: readonly number[] | null;
}

export interface PlacedTensor {
  readonly modules: readonly string[];
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Values that count as parameters; 0 for shapes and indices. */
  readonly parameters: number;
}

interface Module {
  readonly path: string;
  readonly parts: Map<string, Module>;
  readonly tensors: PlacedTensor[];
  readonly operators: Map<string, number>;
  parameters: number;
  flops: number | null;
  shape: readonly number[] | null;
}

const empty = (path: string): Module => ({
  ...{ path, parts: new Map<string, Module>(), tensors: [], operators: new Map<string, number>() },
  ...{ parameters: 0, flops: 0, shape: null },
});

/** Names of operators in a row. */
const MOST_OPERATORS = 4;

/** Modules within modules; what is deeper is shown in the last of them. */
const MOST_DEPTH = 32;

export interface Tree {
  readonly rows: readonly ModelRow[];
  readonly parameters: number;
  readonly flops: number | null;
}

/** @param counts whether the nodes are complete, so that a total of operations can be given */
export function moduleRows(
  nodes: readonly PlacedNode[],
  tensors: readonly PlacedTensor[],
  counts: boolean,
): Tree {
  const root = empty('');
  const around = (modules: readonly string[]): readonly Module[] => {
    const path = [root];
    for (const name of modules.slice(0, MOST_DEPTH)) {
      const outer = path.at(-1) ?? root;
      const part = outer.parts.get(name) ?? empty(name);
      outer.parts.set(name, part);
      path.push(part);
    }
    return path;
  };
  for (const node of nodes) {
    const path = around(node.modules);
    for (const module of path) {
      module.flops = module.flops === null || node.flops === null ? null : module.flops + node.flops;
      module.shape = node.shape;
    }
    const own = path.at(-1) ?? root;
    own.operators.set(node.operator, (own.operators.get(node.operator) ?? 0) + 1);
  }
  for (const tensor of tensors) {
    const path = around(tensor.modules);
    for (const module of path) module.parameters += tensor.parameters;
    path.at(-1)?.tensors.push(tensor);
  }
  const rows: ModelRow[] = [];
  const list = (module: Module, depth: number): void => {
    const { path, parameters, shape } = module;
    rows.push({
      ...{ kind: 'module', path, depth, type: operatorsOf(module), shape, parameters },
      flops: counts ? module.flops : null,
    });
    for (const { name, type, shape: dims, parameters: own } of module.tensors)
      rows.push({
        ...{ kind: 'tensor', path: name, depth: depth + 1, type, shape: dims, parameters: own },
        flops: null,
      });
    for (const part of module.parts.values()) list(part, depth + 1);
  };
  list(root, 0);
  return { rows, parameters: root.parameters, flops: counts ? root.flops : null };
}

function operatorsOf({ operators }: Module): string {
  const names = [...operators].sort((a, b) => b[1] - a[1]);
  const shown = names
    .slice(0, MOST_OPERATORS)
    .map(([name, count]) => (count === 1 ? name : `${count} ${name}`));
  return [...shown, ...(names.length > MOST_OPERATORS ? ['...'] : [])].join(', ');
}

/** `features.0.0.weight` is in `features`, `features.0` and `features.0.0`. */
export function modulesOfTensor(name: string): readonly string[] {
  const parts = name.split('.').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}
