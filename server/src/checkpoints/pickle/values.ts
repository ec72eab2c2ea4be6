/** What a pickle is read into: plain data that never runs anything. */
import { quoted } from '../error';
import type { CheckpointProblem } from '../error';

/** A list (or deque). */
export class PyList {
  declare private readonly nominal: never;
  readonly items: Value[] = [];
  depth = 1;
}

/** Immutable once made, so its depth is exact. */
export class PyTuple {
  declare private readonly nominal: never;
  constructor(
    readonly items: readonly Value[],
    readonly depth: number,
  ) {}
}

export class PySet {
  declare private readonly nominal: never;
  readonly items = new Set<Value>();
  depth = 1;
}

/** dict, OrderedDict, defaultdict or Counter. A Map, so that no key ("__proto__") means anything special. */
export class PyDict {
  declare private readonly nominal: never;
  readonly entries = new Map<Value, Value>();
  depth = 1;

  constructor(readonly type: string = 'dict') {}
}

/** A bytes object. Its contents are not kept: no tensor is stored in one. */
export class PyBytes {
  declare private readonly nominal: never;
  constructor(readonly length: number) {}
}

/** Some object that a checkpoint may hold but no weight depends on: only its type's name is kept. */
export class PyOpaque {
  declare private readonly nominal: never;
  /** @param unknown whether a name that is on no list made it */
  constructor(
    readonly type: string,
    readonly unknown = false,
  ) {}
}

/** A class or function on the allow-list: a name bound to what this reader does instead of calling it. */
export interface PyGlobal {
  readonly kind: 'global';
  /** As in Python, module included: `collections.OrderedDict`. */
  readonly name: string;
  /** Makes the inert value that stands for a call; absent where only the name may be mentioned. */
  readonly construct?: (args: readonly Value[], context: ConstructContext) => Value;
  /** On no list: nothing is known of what Python would do. */
  readonly unknown?: true;
  /** A function that may be named, and is refused where it would be called. */
  readonly runs?: true;
  /** For storage classes and torch.dtype constants. */
  readonly element?: ElementType;
}

/** A torch dtype by name. Only some can be converted to numbers here; of the others the size is known. */
export interface ElementType {
  readonly name: string;
  readonly bytes: number;
}

/** What a constructor may ask of the machine that runs it. */
export interface ConstructContext {
  /** Throws a CheckpointError at the current opcode, of the kind `damaged` by default. */
  fail(reason: string, kind?: CheckpointProblem): never;
  /** A dict of the named type with the entries of a dict, or the pairs of a list or tuple; counted. */
  dict(type: string, source: Value | undefined): PyDict;
  /** A list with the items of a list, tuple or set; counted. */
  list(source: Value | undefined): PyList;
  /** A set with the items of a list, tuple or set; counted. */
  set(source: Value | undefined): PySet;
}

/** A numbered storage as a pickle refers to it, or a part of one. */
export interface StorageRef {
  readonly kind: 'storage';
  readonly key: string;
  readonly element: ElementType;
  /** Bytes of the whole storage. */
  readonly totalBytes: number;
  /** The part of it that is meant, in bytes. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A tensor as pickled: `offset`, `shape` and `strides` count elements, from the start of the storage part. */
export interface PyTensor {
  readonly kind: 'tensor';
  readonly storage: StorageRef;
  readonly element: ElementType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyList
  | PyTuple
  | PySet
  | PyDict
  | PyBytes
  | PyOpaque
  | PyGlobal
  | StorageRef
  | PyTensor;

/** What a value is, for messages: "a list", "the class collections.OrderedDict". */
export function describe(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'a bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (typeof value === 'string') return 'a string';
  if (value instanceof PyList) return 'a list';
  if (value instanceof PyTuple) return 'a tuple';
  if (value instanceof PySet) return 'a set';
  if (value instanceof PyDict) return withArticle(value.type);
  if (value instanceof PyBytes) return 'a bytes object';
  if (value instanceof PyOpaque)
    return value.unknown ? `an object of ${printable(value.type)}` : withArticle(value.type);
  switch (value.kind) {
    case 'global':
      return `the name ${printable(value.name)}`;
    case 'storage':
      return 'a storage';
    case 'tensor':
      return 'a tensor';
  }
}

/** A name out of a file, without what would break a line. */
const printable = (name: string): string => quoted(name).slice(1, -1);

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

export function isTensor(value: Value | undefined): value is PyTensor {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

export function isStorage(value: Value | undefined): value is StorageRef {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'storage';
}

export function isGlobal(value: Value | undefined): value is PyGlobal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global';
}
