/** What an architecture needs of a checkpoint: tensors by name, their shapes, and their values on request. */
import { LensError } from '../errors';

/** Lengths of the axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** Only names and shapes: enough to recognize an architecture. */
export type Shapes = ReadonlyMap<string, Shape>;

/** A state dict whose values are read one tensor at a time. */
export interface StateDict {
  has(name: string): boolean;
  /** Throws a `model` error when there is no such tensor. */
  shape(name: string): Shape;
  names(): Iterable<string>;
  /** The values in C order, converted to float32. The array may be a view: treat it as read-only. */
  float32(name: string): Promise<Float32Array>;
}

/** Any reader that lists tensors and reads one by name, such as an open checkpoint. */
export interface TensorSource {
  readonly stateDict: ReadonlyMap<string, { readonly shape: Shape }>;
  readFloat32(name: string): Promise<Float32Array>;
}

export function fromTensorSource(source: TensorSource): StateDict {
  const { stateDict } = source;
  return {
    has: (name) => stateDict.has(name),
    shape: (name) => required(stateDict.get(name), name).shape,
    names: () => stateDict.keys(),
    float32: (name) => source.readFloat32(name),
  };
}

/** The tensors that `names` lists, under its keys instead of its values. */
export function renamedTensors(inner: StateDict, names: ReadonlyMap<string, string>): StateDict {
  return {
    has: (name) => names.has(name),
    shape: (name) => inner.shape(required(names.get(name), name)),
    names: () => names.keys(),
    float32: (name) => inner.float32(required(names.get(name), name)),
  };
}

/** Names and shapes, in the state dict's order. */
export function shapesOf(stateDict: StateDict): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const name of stateDict.names()) shapes.set(name, stateDict.shape(name));
  return shapes;
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new LensError('model', `The checkpoint has no tensor named "${name}".`);
  return value;
}
