/** What each opcode does, one line each. What an instruction returns goes onto the stack. */
import { parseFloat0, parseInt0, parseLong0, parseString0, parseUnicode0 } from './literals';
import type { Instruction, Machine } from './machine';
import { op, opcodeName } from './opcodes';
import { describe, PyDict, PyOpaque } from './values';

/** Every opcode there is, but STOP. */
const instructions: Readonly<Record<Exclude<keyof typeof op, 'STOP'>, Instruction>> = {
  PROTO: (m) => {
    const version = m.input.uint8();
    return version <= 5
      ? undefined
      : m.fail(`is written in pickle protocol ${version}; 0 to 5 are read`, 'unsupported');
  },
  FRAME: (m) => {
    m.input.require(m.input.uint64());
    return undefined;
  },

  // Constants
  NONE: () => null,
  NEWTRUE: () => true,
  NEWFALSE: () => false,
  INT: (m) => m.literal(parseInt0(m.input.line())),
  BININT: (m) => m.input.int32(),
  BININT1: (m) => m.input.uint8(),
  BININT2: (m) => m.input.uint16(),
  LONG: (m) => m.literal(parseLong0(m.input.line())),
  LONG1: (m) => m.input.integer(m.input.uint8()),
  LONG4: (m) => m.input.integer(m.input.uint32()),
  FLOAT: (m) => m.literal(parseFloat0(m.input.line())),
  BINFLOAT: (m) => m.input.float64(),
  STRING: (m) => m.literal(parseString0(m.input.line())),
  UNICODE: (m) => m.literal(parseUnicode0(m.input.line())),
  SHORT_BINSTRING: (m) => m.counted(m.input.latin1(m.input.uint8())),
  BINSTRING: (m) => m.counted(m.input.latin1(m.input.uint32())),
  SHORT_BINUNICODE: (m) => m.counted(m.input.text(m.input.uint8())),
  BINUNICODE: (m) => m.counted(m.input.text(m.input.uint32())),
  BINUNICODE8: (m) => m.counted(m.input.text(m.input.uint64())),
  SHORT_BINBYTES: (m) => m.bytes(m.input.uint8()),
  BINBYTES: (m) => m.bytes(m.input.uint32()),
  BINBYTES8: (m) => m.bytes(m.input.uint64()),
  BYTEARRAY8: (m) => m.bytes(m.input.uint64()),

  // Containers
  EMPTY_TUPLE: (m) => m.make.newTuple([]),
  TUPLE1: (m) => m.make.newTuple(m.popMany(1)),
  TUPLE2: (m) => m.make.newTuple(m.popMany(2)),
  TUPLE3: (m) => m.make.newTuple(m.popMany(3)),
  TUPLE: (m) => m.make.newTuple(m.popMark()),
  EMPTY_LIST: (m) => m.make.newList(),
  LIST: (m) => {
    const list = m.make.newList();
    m.make.append(list, m.popMark());
    return list;
  },
  APPEND: (m) => m.append(m.popMany(1)),
  APPENDS: (m) => m.append(m.popMark()),
  EMPTY_SET: (m) => m.make.newSet(),
  ADDITEMS: (m) => m.add(m.popMark()),
  FROZENSET: (m) => {
    const set = m.make.newSet();
    m.make.add(set, m.popMark());
    return set;
  },
  EMPTY_DICT: (m) => m.make.newDict(),
  DICT: (m) => {
    const dict = m.make.newDict();
    m.make.assign(dict, m.popMark());
    return dict;
  },
  SETITEM: (m) => m.assign(m.popMany(2)),
  SETITEMS: (m) => m.assign(m.popMark()),

  // Stack and memo
  MARK: (m) => m.mark(),
  POP: (m) => m.discard(),
  POP_MARK: (m) => {
    m.popMark();
    return undefined;
  },
  DUP: (m) => m.top(),
  PUT: (m) => m.put(memoIndex(m)),
  BINPUT: (m) => m.put(m.input.uint8()),
  LONG_BINPUT: (m) => m.put(m.input.uint32()),
  MEMOIZE: (m) => m.memoize(),
  GET: (m) => m.recall(memoIndex(m)),
  BINGET: (m) => m.recall(m.input.uint8()),
  LONG_BINGET: (m) => m.recall(m.input.uint32()),

  // Names, and what is made with them
  GLOBAL: (m) => {
    const module = m.input.line();
    return m.global(module, m.input.line());
  },
  STACK_GLOBAL: (m) => {
    const [module, name] = m.popMany(2);
    if (typeof module === 'string' && typeof name === 'string') return m.global(module, name);
    return m.fail(`names a global with ${describe(module)} and ${describe(name)} instead of strings`);
  },
  INST: (m) => {
    const module = m.input.line();
    const callee = m.global(module, m.input.line());
    return m.construct(callee, m.popMark());
  },
  OBJ: (m) => {
    const [callee, ...args] = m.popMark();
    return m.construct(callee, args);
  },
  NEWOBJ_EX: (m) => {
    const keywords = m.pop();
    if (!(keywords instanceof PyDict))
      return m.fail('makes an object with keyword arguments that are not a dict');
    const made = m.call();
    if (keywords.entries.size === 0 || made instanceof PyOpaque) return made;
    return m.fail('makes an object with keyword arguments', 'unsupported');
  },
  REDUCE: (m) => m.call(),
  NEWOBJ: (m) => m.call(),
  BUILD: (m) => m.build(m.pop()),
  PERSID: (m) => m.persistent(m.input.line()),
  BINPERSID: (m) => m.persistent(m.pop()),

  EXT1: (m) => refuseExtension(m, op.EXT1),
  EXT2: (m) => refuseExtension(m, op.EXT2),
  EXT4: (m) => refuseExtension(m, op.EXT4),
  NEXT_BUFFER: (m) => refuseBuffer(m, op.NEXT_BUFFER),
  READONLY_BUFFER: (m) => refuseBuffer(m, op.READONLY_BUFFER),
};

/** Instructions by opcode; undefined where there is none. */
export const instructionOf: readonly (Instruction | undefined)[] = byOpcode();

function byOpcode(): readonly (Instruction | undefined)[] {
  const table = new Array<Instruction | undefined>(256).fill(undefined);
  for (const [name, instruction] of Object.entries(instructions))
    table[op[name as keyof typeof op]] = instruction;
  return table;
}

function memoIndex(m: Machine): number {
  const value = parseLong0(m.input.line());
  return typeof value === 'number' && value >= 0 ? value : m.fail('has a memo index that is not a number');
}

function refuseExtension(m: Machine, code: number): never {
  return m.fail(`uses a code from Python's extension registry, ${opcodeName(code)}`, 'unsupported');
}

function refuseBuffer(m: Machine, code: number): never {
  return m.fail(`refers to a buffer kept outside the pickle, ${opcodeName(code)}`, 'unsupported');
}
