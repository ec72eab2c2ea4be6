/** ValueInfoProto: name, element type and shape of a graph's input or output. */
import { elementType } from './decode-tensor';
import type { Dimension, ValueInfo } from './model';
import type { MessageReader } from './protobuf-reader';
import { dimensionFields, shapeFields, tensorTypeFields, typeFields, valueInfoFields } from './schema';

export function readValueInfo(reader: MessageReader, role: 'input' | 'output'): ValueInfo {
  let name = '';
  let type: MessageReader | undefined;
  while (reader.next()) {
    if (reader.field === valueInfoFields.name) name = reader.string();
    if (reader.field === valueInfoFields.type) type = reader.message();
  }
  if (name === '') reader.source.fail(reader.start, `an ${role} with a name`, 'none');
  const what = `${role} "${name}"`;
  if (type === undefined) return reader.source.fail(reader.start, `${what} with a type`, 'none');
  return { name, ...readTensorType(type, what, role) };
}

function readTensorType(
  type: MessageReader,
  what: string,
  role: 'input' | 'output',
): Pick<ValueInfo, 'type' | 'dims' | 'container'> {
  const others: ReadonlyMap<number, string> = new Map([
    [typeFields.sequence, 'a sequence'],
    [typeFields.map, 'a map'],
    [typeFields.optional, 'an optional value'],
    [typeFields.sparseTensor, 'a sparse tensor'],
  ]);
  let tensor: MessageReader | undefined;
  while (type.next()) {
    if (type.field === typeFields.tensor) tensor = type.message();
    // scikit-learn's converters end classifiers in maps, which are not supported.
    if (role === 'output' && type.field === typeFields.sequence) return CONTAINERS.sequence;
    if (role === 'output' && type.field === typeFields.map) return CONTAINERS.map;
    const other = others.get(type.field);
    if (other !== undefined) {
      type.source.fail(
        type.fieldStart,
        `${what} to be a tensor`,
        other,
        'Export the model with tensors as inputs and outputs.',
      );
    }
  }
  if (tensor === undefined) return type.source.fail(type.start, `${what} to be a tensor`, 'no type');
  let elementNumber = 0;
  let dims: Dimension[] | null = null;
  while (tensor.next()) {
    if (tensor.field === tensorTypeFields.elementType) elementNumber = tensor.int64();
    if (tensor.field === tensorTypeFields.shape) dims = readShape(tensor.message());
  }
  return { type: elementType(tensor, elementNumber, what), dims };
}

const CONTAINERS = {
  sequence: { type: 'float32', dims: null, container: 'sequence' },
  map: { type: 'float32', dims: null, container: 'map' },
} as const;

function readShape(shape: MessageReader): Dimension[] {
  const dims: Dimension[] = [];
  while (shape.next()) {
    if (shape.field !== shapeFields.dim) continue;
    const dim = shape.message();
    let value: Dimension = null;
    while (dim.next()) {
      if (dim.field === dimensionFields.value) value = dim.int64();
      if (dim.field === dimensionFields.param) value = symbolOf(dim.string());
    }
    // Some exporters write -1 for an unknown dimension.
    dims.push(typeof value === 'number' && value < 0 ? null : value);
  }
  return dims;
}

/** Paddle writes `?` for every open size, others `-1` or `None`: no names, so that two of them need not be equal. */
const symbolOf = (text: string): string | null =>
  /^(?:[^\p{L}_]*|none|unk|unknown)$/iu.test(text) ? null : text;
