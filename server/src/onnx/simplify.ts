/** Prepares a model for differentiation: fixed shapes, folded shape arithmetic, no dead nodes. */
import type { InputDims } from './bind';
import { bindInputShape } from './bind';
import { foldConstants, inlineBranches } from './fold';
import { removeIdentities } from './identities';
import type { Model } from './model';
import { pruneTo } from './prune';
import type { TensorInfo } from './shapes/shape-rule';
import { inferShapes } from './shapes';

export interface SimplifyOptions {
  /** Tensors that must keep their names although only an Identity or Dropout computes them. */
  readonly keep?: Iterable<string>;
}

export interface Simplified {
  readonly model: Model;
  /** What is known about every remaining tensor, and about some that were removed. */
  readonly shapes: ReadonlyMap<string, TensorInfo>;
}

/**
 * The same function of an input of this shape, as a smaller graph: constant branches inlined, shape computations and
 * Constant nodes turned into initializers, Identity and Dropout removed, dead nodes dropped. Outputs keep names and order.
 * @throws LensError 'model' from shape inference.
 */
export function simplify(model: Model, dims: InputDims = {}, options: SimplifyOptions = {}): Simplified {
  const bound = bindInputShape(model, dims);
  const keep = new Set(options.keep);
  const lenient = { unknown: 'leave out' } as const;
  let { graph } = bound;
  let shapes = inferShapes(bound, {}, lenient);
  // Conditions inside a branch may become known once the branch is inlined.
  for (let inlined = inlineBranches(graph, shapes); inlined !== graph;) {
    graph = inlined;
    shapes = inferShapes({ ...bound, graph }, {}, lenient);
    inlined = inlineBranches(graph, shapes);
  }
  graph = foldConstants(graph, shapes);
  graph = removeIdentities(graph, keep);
  graph = pruneTo(graph, [...graph.outputs.map((output) => output.name), ...keep]);
  return { model: { ...bound, graph }, shapes };
}
