/** What gradient rules may know of a model before it runs: shapes, types and small constants. */
import type { InputDims } from '../onnx/bind';
import type { Model } from '../onnx/model';
import { inferShapes } from '../onnx/shapes';
import { numbersOf } from '../onnx/typed-data';
import type { GraphFacts } from './rule';

/**
 * Infers the facts of `model` with its inputs bound to `dims`. Where an operator is not known, only what depends on it
 * stays unknown: it matters only if a gradient has to pass there.
 * @throws LensError of kind `model` where the model contradicts itself or the input shape.
 */
export function factsOfModel(model: Model, dims: InputDims): GraphFacts {
  const known = inferShapes(model, dims, { unknown: 'leave out' });
  return {
    opset: model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 0,
    factsOf: (tensor) => known.get(tensor),
    valueOf: (tensor) => {
      const value = known.get(tensor)?.value;
      if (value !== undefined) return value;
      const constant = model.graph.initializers.get(tensor);
      return constant && (numbersOf(constant) ?? undefined);
    },
  };
}
