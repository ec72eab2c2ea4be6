/** One attribute of a node (AttributeProto): a value, or a reference to a function's attribute. */
import { decodeTensor } from './decode-tensor';
import type { Attribute, Graph } from './model';
import type { MessageReader } from './protobuf-reader';
import { attributeFields, attributeTypes } from './schema';

/** Most elements of one list attribute. */
const MAX_LIST = 4_000_000;

export type NamedAttribute = { readonly name: string } & (
  | { readonly value: Attribute }
  /** Inside a function: the caller's attribute of this name. */
  | { readonly reference: string }
);

/** Attribute kinds that no operator this project knows uses. */
const refusedKinds: ReadonlyMap<number, string> = new Map([
  [attributeFields.tensors, 'a list of tensors'],
  [attributeFields.graphs, 'a list of graphs'],
  [attributeFields.typeProto, 'a type'],
  [attributeFields.typeProtos, 'a list of types'],
  [attributeFields.sparseTensor, 'a sparse tensor'],
  [attributeFields.sparseTensors, 'a list of sparse tensors'],
]);

/** @param readGraph reads a nested graph, one level deeper */
export function readAttribute(
  reader: MessageReader,
  readGraph: (reader: MessageReader) => Graph,
): NamedAttribute {
  let name = '';
  let reference = '';
  let typeNumber = 0;
  let single: Attribute | undefined;
  const ints: number[] = [];
  const floats: number[] = [];
  const strings: string[] = [];
  const { source } = reader;
  while (reader.next()) {
    switch (reader.field) {
      case attributeFields.name:
        name = reader.string();
        break;
      case attributeFields.refAttrName:
        reference = reader.string();
        break;
      case attributeFields.type:
        typeNumber = reader.int64();
        break;
      case attributeFields.float:
        single = { kind: 'float', value: reader.float() };
        break;
      case attributeFields.int:
        single = { kind: 'int', value: reader.int64() };
        break;
      case attributeFields.string:
        single = { kind: 'string', value: reader.string() };
        break;
      case attributeFields.tensor:
        single = {
          kind: 'tensor',
          value: decodeTensor(reader.message(), 'the tensor of an attribute').tensor,
        };
        break;
      case attributeFields.graph:
        single = { kind: 'graph', value: readGraph(reader.message()) };
        break;
      case attributeFields.ints:
        readIntegers(reader, ints);
        break;
      case attributeFields.floats:
        readFloats(reader, floats);
        break;
      case attributeFields.strings:
        strings.push(reader.string());
        break;
      default:
        refuseOtherKinds(reader, name);
    }
  }
  if (name === '') source.fail(reader.start, 'an attribute with a name', 'none');
  if (reference !== '') return { name, reference };
  const lists = { ints, floats, strings };
  return { name, value: single ?? listAttribute(reader, name, typeNumber, lists) };
}

function readIntegers(reader: MessageReader, ints: number[]): void {
  reader.integers((low, high, at) => {
    if (ints.length === MAX_LIST)
      reader.source.fail(at, `at most ${MAX_LIST} integers in an attribute`, 'more');
    ints.push((high | 0) * 2 ** 32 + low);
  });
}

function readFloats(reader: MessageReader, floats: number[]): void {
  const run = reader.fixed(4);
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  if (floats.length + run.byteLength / 4 > MAX_LIST)
    reader.source.fail(reader.fieldStart, `at most ${MAX_LIST} numbers in an attribute`, 'more');
  for (let at = 0; at < run.byteLength; at += 4) floats.push(view.getFloat32(at, true));
}

/** Unknown fields are skipped, but not those that hold an attribute's value. */
function refuseOtherKinds(reader: MessageReader, name: string): void {
  const refused = refusedKinds.get(reader.field);
  if (refused === undefined) return;
  const expected = 'an attribute of numbers, strings, a tensor or a graph';
  reader.source.fail(reader.fieldStart, expected, `${refused} in "${name}"`);
}

interface Lists {
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
}

/** An attribute without a single value: a list, or a zero that the writer left out because it is the default. */
function listAttribute(reader: MessageReader, name: string, type: number, lists: Lists): Attribute {
  if (lists.ints.length > 0) return { kind: 'ints', value: lists.ints };
  if (lists.floats.length > 0) return { kind: 'floats', value: lists.floats };
  if (lists.strings.length > 0) return { kind: 'strings', value: lists.strings };
  switch (type) {
    case attributeTypes.ints:
      return { kind: 'ints', value: [] };
    case attributeTypes.floats:
      return { kind: 'floats', value: [] };
    case attributeTypes.strings:
      return { kind: 'strings', value: [] };
    case attributeTypes.int:
      return { kind: 'int', value: 0 };
    case attributeTypes.float:
      return { kind: 'float', value: 0 };
    case attributeTypes.string:
      return { kind: 'string', value: '' };
    default:
      return reader.source.fail(reader.start, `a value of attribute "${name}"`, 'none');
  }
}
