/** State dicts made of names and shapes, for tests that read no values. */
import { defaultHead, parametersOf } from '../../../server/src/architectures/build';
import { findArchitecture } from '../../../server/src/architectures/registry';
import type { Shape, Shapes, StateDict } from '../../../server/src/architectures/state-dict';

/** The tensors of an architecture as its library saves them, counters included. */
export function savedShapes(id: string, classes = 2): Map<string, Shape> {
  const architecture = findArchitecture(id);
  if (architecture === undefined) throw new Error(`no architecture ${id}`);
  const { shapes, unused } = parametersOf(architecture, defaultHead(architecture, classes));
  return new Map<string, Shape>([...shapes, ...[...unused].map((name) => [name, []] as const)]);
}

export function renamed(shapes: Shapes, rename: (name: string) => string): Map<string, Shape> {
  return new Map([...shapes].map(([name, shape]) => [rename(name), shape]));
}

export function stateDictOf(shapes: Shapes): StateDict {
  return {
    has: (name) => shapes.has(name),
    shape: (name) => shapes.get(name) ?? [],
    names: () => shapes.keys(),
    float32: (name) => Promise.reject(new Error(`${name} was read`)),
  };
}
