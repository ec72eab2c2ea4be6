/** Tensors made from nothing or from shapes: Constant, ConstantOfShape, Shape, Size, Range, and conversions of type. */
import type { ConstantTensor, DataType } from '../model';
import { dataTypes } from '../model';
import { numbersOf } from '../typed-data';
import { at, product, show } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { computed, isInteger, isSmall } from './value';

/** What is known about a constant: its value too, if it is small and numeric. */
export function constantInfo(tensor: ConstantTensor): TensorInfo {
  const { type, dims } = tensor;
  const value = isSmall(dims) ? numbersOf(tensor) : null;
  return value === null ? { type, dims } : { type, dims, value };
}

const constant: ShapeRule = {
  opType: 'Constant',
  infer: (view) => {
    for (const [name, attribute] of view.node.attributes) {
      switch (`${name}:${attribute.kind}`) {
        case 'value:tensor':
          return [constantInfo(attribute.value as ConstantTensor)];
        case 'value_int:int':
          return [{ type: 'int64', dims: [], value: [attribute.value as number] }];
        case 'value_ints:ints':
          return [list('int64', attribute.value as readonly number[])];
        case 'value_float:float':
          return [computed('float32', [], [attribute.value as number])];
        case 'value_floats:floats':
          return [list('float32', attribute.value as readonly number[])];
        case 'value_string:string':
          return [{ type: 'string', dims: [] }];
        case 'value_strings:strings':
          return [{ type: 'string', dims: [(attribute.value as readonly string[]).length] }];
      }
    }
    return view.invalid('an attribute that holds the value', 'none');
  },
};

const list = (type: DataType, value: readonly number[]): TensorInfo => computed(type, [value.length], value);

const constantOfShape: ShapeRule = {
  opType: 'ConstantOfShape',
  infer: (view) => {
    const dims = view.integers(0);
    const attribute = view.node.attributes.get('value');
    const fill =
      attribute?.kind === 'tensor' ? constantInfo(attribute.value) : { type: 'float32' as const, value: [0] };
    const element = fill.value?.[0];
    const value =
      element === undefined || !isSmall(dims)
        ? undefined
        : Array.from({ length: product(dims) }, () => element);
    return [computed(fill.type, dims, value)];
  },
};

/** Since opset 15 Shape can return a part of the shape; its bounds are clamped. */
const shape: ShapeRule = {
  opType: 'Shape',
  infer: (view) => {
    const { dims } = view.input(0);
    const part = dims.slice(view.int('start', 0), view.int('end', dims.length));
    return [list('int64', part)];
  },
};

const size: ShapeRule = {
  opType: 'Size',
  infer: (view) => [computed('int64', [], [product(view.input(0).dims)])],
};

const range: ShapeRule = {
  opType: 'Range',
  infer: (view) => {
    const { type } = view.input(0);
    const [start, limit, delta] = [0, 1, 2].map((i) => at(view.numbers(i), 0)) as [number, number, number];
    if (delta === 0) view.invalid('a step other than 0', '0');
    const count = Math.max(Math.ceil((limit - start) / delta), 0);
    const value =
      !isSmall([count]) || !isInteger(type)
        ? undefined
        : Array.from({ length: count }, (_, i) => start + i * delta);
    return [computed(type, [count], value)];
  },
};

/** Ones on a diagonal of a matrix of the input's shape, and of its type unless `dtype` is given. */
const eyeLike: ShapeRule = {
  opType: 'EyeLike',
  infer: (view) => {
    const { type, dims } = view.input(0);
    const [rows, columns, ...more] = dims;
    if (rows === undefined || columns === undefined || more.length > 0) view.invalid('a matrix', show(dims));
    const number = view.int('dtype', dataTypes[type]);
    return [{ type: typeNumbered(view, number), dims }];
  },
};

const typeNumbered = (view: NodeView, number: number): DataType =>
  typeNames.get(number) ?? view.invalid('a type that can be computed with', `type ${number}`);

const typeNames: ReadonlyMap<number, DataType> = new Map(
  Object.entries(dataTypes).map(([name, number]) => [number, name as DataType]),
);

/** Floats lose their fraction on the way to integers, and anything but zero is true. */
function converted(view: NodeView, type: DataType): TensorInfo {
  const { dims, value, type: from } = view.input(0);
  if (type === 'bool')
    return computed(
      type,
      dims,
      value?.map((x) => Number(x !== 0)),
    );
  if (isInteger(type) && !isInteger(from)) return computed(type, dims, value?.map(Math.trunc));
  return computed(type, dims, value);
}

const cast: ShapeRule = {
  opType: 'Cast',
  infer: (view) => {
    return [converted(view, typeNumbered(view, view.int('to', 0)))];
  },
};

const castLike: ShapeRule = {
  opType: 'CastLike',
  infer: (view) => [converted(view, view.input(1).type)],
};

export const sourceRules: readonly ShapeRule[] = [
  constant,
  constantOfShape,
  shape,
  size,
  range,
  eyeLike,
  cast,
  castLike,
];
