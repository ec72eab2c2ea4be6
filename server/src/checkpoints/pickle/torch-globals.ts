/** PyTorch names that state dicts are built from: storages, dtypes, and the functions that rebuild tensors. */
import { describe, isGlobal, isStorage, isTensor, PyOpaque, PyTuple } from './values';
import type { ConstructContext, ElementType, PyGlobal, PyTensor, StorageRef, Value } from './values';

/** torch.dtype by name, with the class its storages had and the bytes of an element (torch/storage.py). */
const elementTypes: readonly (readonly [dtype: string, storage: string | null, bytes: number])[] = [
  ['float64', 'DoubleStorage', 8],
  ['float32', 'FloatStorage', 4],
  ['float16', 'HalfStorage', 2],
  ['bfloat16', 'BFloat16Storage', 2],
  ['int64', 'LongStorage', 8],
  ['int32', 'IntStorage', 4],
  ['int16', 'ShortStorage', 2],
  ['int8', 'CharStorage', 1],
  ['uint8', 'ByteStorage', 1],
  ['bool', 'BoolStorage', 1],
  ['complex64', 'ComplexFloatStorage', 8],
  ['complex128', 'ComplexDoubleStorage', 16],
  ['qint32', 'QInt32Storage', 4],
  ['qint8', 'QInt8Storage', 1],
  ['quint8', 'QUInt8Storage', 1],
  ['quint4x2', 'QUInt4x2Storage', 1],
  ['quint2x4', 'QUInt2x4Storage', 1],
  ['complex32', null, 4],
  ['uint16', null, 2],
  ['uint32', null, 4],
  ['uint64', null, 8],
  ['float8_e4m3fn', null, 1],
  ['float8_e5m2', null, 1],
  ['float8_e4m3fnuz', null, 1],
  ['float8_e5m2fnuz', null, 1],
  ['float8_e8m0fnu', null, 1],
];

function element(dtype: string, bytes: number): ElementType {
  return { name: dtype, bytes };
}

/** An untyped storage counts bytes; `_rebuild_tensor_v3` says what they mean. */
const untyped = ['torch.storage.UntypedStorage', 'torch.storage._UntypedStorage', 'torch.UntypedStorage'];

const storages: PyGlobal[] = elementTypes.flatMap(([dtype, storage, bytes]) =>
  storage === null
    ? []
    : ['torch', 'torch.cuda', 'torch.storage'].map((module): PyGlobal => ({
        kind: 'global',
        name: `${module}.${storage}`,
        element: element(dtype, bytes),
      })),
);

const dtypes: PyGlobal[] = elementTypes.map(([dtype, , bytes]) => ({
  kind: 'global',
  name: `torch.${dtype}`,
  element: element(dtype, bytes),
}));

/** More dimensions than any tensor library allows (torch stops at 64). */
const maxRank = 64;

/** A tuple of non-negative integers below 2^53. */
function integers(value: Value | undefined, what: string, context: ConstructContext): number[] {
  if (!(value instanceof PyTuple))
    return context.fail(`rebuilds a tensor with ${describe(value)} as its ${what}`);
  if (value.items.length > maxRank)
    context.fail(`rebuilds a tensor of ${value.items.length} dimensions; at most ${maxRank} are read`);
  return value.items.map((item) => integer(item, what, context));
}

function integer(value: Value | undefined, what: string, context: ConstructContext): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const found = typeof value === 'number' || typeof value === 'bigint' ? String(value) : describe(value);
  return context.fail(`rebuilds a tensor with ${found} in its ${what}; expected an integer from 0 to 2^53`);
}

/** Checks that every element lies in the storage. */
function rebuild(args: readonly Value[], context: ConstructContext, dtype?: ElementType): PyTensor {
  const storage: Value | undefined = args[0];
  if (!isStorage(storage))
    return context.fail(`rebuilds a tensor from ${describe(storage)}; expected a storage`);
  const offset = integer(args[1], 'storage offset', context);
  const shape = integers(args[2], 'shape', context);
  const strides = integers(args[3], 'strides', context);
  if (shape.length !== strides.length) {
    context.fail(`rebuilds a tensor with ${shape.length} dimensions but ${strides.length} strides`);
  }
  const type = dtype ?? storage.element;
  checkExtent(storage, type, offset, shape, strides, context);
  return { kind: 'tensor', storage, element: type, offset, shape, strides };
}

function checkExtent(
  storage: StorageRef,
  type: ElementType,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  context: ConstructContext,
): void {
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count))
    context.fail(`rebuilds a tensor of shape (${shape.join(', ')}), which has over 2^53 elements`);
  if (count === 0) return;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  const available = Math.floor(storage.byteLength / type.bytes);
  if (last < available) return;
  context.fail(
    `rebuilds a tensor of shape (${shape.join(', ')}) whose last element is number ${last} ` +
      `of a storage that holds ${available}`,
  );
}

/** The dtype argument of `_rebuild_tensor_v3`. */
function dtypeOf(value: Value | undefined, context: ConstructContext): ElementType {
  if (isGlobal(value) && value.element) return value.element;
  return context.fail(`rebuilds a tensor with ${describe(value)} as its dtype`);
}

function tensorArgument(args: readonly Value[], context: ConstructContext): PyTensor | PyOpaque {
  const tensor = args[0];
  // What an unknown name made stays that: no weight comes out of it.
  return isTensor(tensor) || tensor instanceof PyOpaque
    ? tensor
    : context.fail(`makes a parameter from ${describe(tensor)}; expected a tensor`);
}

function makes(name: string, construct: NonNullable<PyGlobal['construct']>): PyGlobal {
  return { kind: 'global', name, construct };
}

const rebuilders: readonly PyGlobal[] = [
  makes('torch._utils._rebuild_tensor', (args, context) => rebuild(args, context)),
  makes('torch._utils._rebuild_tensor_v2', (args, context) => rebuild(args, context)),
  // (storage, offset, shape, strides, requires_grad, hooks, dtype, metadata)
  makes('torch._utils._rebuild_tensor_v3', (args, context) =>
    rebuild(args, context, dtypeOf(args[6], context)),
  ),
  makes('torch._utils._rebuild_parameter', tensorArgument),
  makes('torch._utils._rebuild_parameter_with_state', tensorArgument),
  makes('torch.nn.parameter.Parameter', tensorArgument),
  makes('torch.nn.parameter.Buffer', tensorArgument),
  // (function, type, arguments, attributes): a tensor of a subclass, or with attributes.
  makes('torch._tensor._rebuild_from_type_v2', ([inner, type, args], context): Value => {
    // A subclass that is not known may mean something else by its elements.
    if (isGlobal(type) && type.unknown) return new PyOpaque(type.name, true);
    const known = isGlobal(inner) && rebuilders.slice(0, 5).some((global) => global.name === inner.name);
    if (!known || !inner.construct || !(args instanceof PyTuple)) {
      return context.fail(`rebuilds a tensor through ${describe(inner)}`, 'unsupported');
    }
    return inner.construct(args.items, context);
  }),
];

function opaque(name: string, type: string): PyGlobal {
  return { kind: 'global', name, construct: () => new PyOpaque(type) };
}

export const torchGlobals: readonly PyGlobal[] = [
  ...storages,
  ...untyped.map((name): PyGlobal => ({ kind: 'global', name, element: element('uint8', 1) })),
  ...dtypes,
  ...rebuilders,
  makes('torch.Size', ([sizes], context) =>
    sizes instanceof PyTuple ? sizes : context.fail(`makes a torch.Size from ${describe(sizes)}`),
  ),
  opaque('torch.device', 'torch.device'),
  opaque('torch.serialization._get_layout', 'torch.layout'),
  opaque('torch.torch_version.TorchVersion', 'torch version'),
  opaque('torch.Generator', 'torch.Generator'),
  ...[
    'torch.Tensor',
    'torch._tensor.Tensor',
    'torch.nn.Parameter',
    'torch.FloatTensor',
    'torch.cuda.FloatTensor',
  ].map((name): PyGlobal => ({ kind: 'global', name })),
];
