/**
 * Reads a pickle into inert values. A pickle is a program for a stack machine that may name any Python function and
 * have it called; this machine has no way to call anything, and refuses what it does not know. Its rules:
 *
 *  1. A name (GLOBAL, STACK_GLOBAL, INST) must be on the allow-list of globals.ts. One that runs code in Python is
 *     refused by saying so; any other is refused as unknown.
 *  2. REDUCE, NEWOBJ, NEWOBJ_EX, OBJ and INST make the inert value that the allow-list binds to the name. A value
 *     that is not such a name cannot be called.
 *  3. BUILD sets attributes of ordered dicts, tensors and opaque objects; the attributes are dropped.
 *  4. APPEND(S) fills lists only, SETITEM(S) dicts only, ADDITEMS sets only.
 *  5. Persistent ids go to the caller, which knows the storages. Extension codes, out-of-band buffers and unknown
 *     opcodes are refused.
 *  6. Every operand is checked against the bytes there are; every limit of limits.ts holds; nothing recurses.
 *
 * Errors carry the position of the opcode. Semantics: CPython, Lib/pickle.py and Lib/pickletools.py; PyTorch,
 * torch/_weights_only_unpickler.py for what checkpoints need.
 */
import { CheckpointError } from '../error';
import { Containers } from './containers';
import { refusedGlobal, resolveGlobal } from './globals';
import type { PickleInput } from './input';
import { pickleLimits } from './limits';
import { parseFloat0, parseInt0, parseLong0, parseString0, parseUnicode0 } from './literals';
import { op, opcodeName } from './opcodes';
import { describe, isGlobal, isTensor, PyBytes, PyDict, PyList, PyOpaque, PySet, PyTuple } from './values';
import type { ConstructContext, Value } from './values';

/** What the caller makes of a persistent id: PyTorch's way of referring to storages. */
export type PersistentLoad = (id: Value, context: ConstructContext) => Value;

/** Runs the pickle that starts at the input's position and leaves the position after its STOP. */
export function unpickle(input: PickleInput, persistentLoad?: PersistentLoad): Value {
  return new Machine(input, persistentLoad).run();
}

class Machine {
  private readonly stack: Value[] = [];
  /** Heights of the stack at the MARKs that are open. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Value>();
  private readonly make: Containers;
  /** Position of the opcode being run. */
  private at = 0;

  constructor(
    private readonly input: PickleInput,
    private readonly persistentLoad: PersistentLoad | undefined,
  ) {
    this.make = new Containers((reason, fix) => this.fail(reason, fix));
  }

  run(): Value {
    for (;;) {
      this.at = this.input.offset;
      const code = this.input.uint8();
      if (code === op.STOP) return this.pop();
      const value = this.step(code);
      if (value !== undefined) this.push(value);
    }
  }

  /** Runs one opcode; what it returns goes onto the stack. */
  private step(code: number): Value | undefined {
    const { input, make } = this;
    switch (code) {
      case op.PROTO: {
        const version = input.uint8();
        if (version > 5) this.fail(`is written in pickle protocol ${version}; 0 to 5 are read`);
        return undefined;
      }
      case op.FRAME:
        input.require(input.uint64());
        return undefined;

      // Constants
      case op.NONE:
        return null;
      case op.NEWTRUE:
        return true;
      case op.NEWFALSE:
        return false;
      case op.INT:
        return this.literal(parseInt0(input.line()));
      case op.BININT:
        return input.int32();
      case op.BININT1:
        return input.uint8();
      case op.BININT2:
        return input.uint16();
      case op.LONG:
        return this.literal(parseLong0(input.line()));
      case op.LONG1:
        return input.integer(input.uint8());
      case op.LONG4:
        return input.integer(input.uint32());
      case op.FLOAT:
        return this.literal(parseFloat0(input.line()));
      case op.BINFLOAT:
        return input.float64();
      case op.STRING:
        return this.literal(parseString0(input.line()));
      case op.UNICODE:
        return this.literal(parseUnicode0(input.line()));
      case op.SHORT_BINSTRING:
        return this.counted(input.latin1(input.uint8()));
      case op.BINSTRING:
        return this.counted(input.latin1(input.uint32()));
      case op.SHORT_BINUNICODE:
        return this.counted(input.text(input.uint8()));
      case op.BINUNICODE:
        return this.counted(input.text(input.uint32()));
      case op.BINUNICODE8:
        return this.counted(input.text(input.uint64()));
      case op.SHORT_BINBYTES:
        return this.bytes(input.uint8());
      case op.BINBYTES:
        return this.bytes(input.uint32());
      case op.BINBYTES8:
      case op.BYTEARRAY8:
        return this.bytes(input.uint64());

      // Containers
      case op.EMPTY_TUPLE:
        return make.newTuple([]);
      case op.TUPLE1:
      case op.TUPLE2:
      case op.TUPLE3:
        return make.newTuple(this.popMany(code - op.TUPLE1 + 1));
      case op.TUPLE:
        return make.newTuple(this.popMark());
      case op.EMPTY_LIST:
        return make.newList();
      case op.LIST: {
        const list = make.newList();
        make.append(list, this.popMark());
        return list;
      }
      case op.APPEND:
        return this.append([this.pop()]);
      case op.APPENDS:
        return this.append(this.popMark());
      case op.EMPTY_SET:
        return make.newSet();
      case op.ADDITEMS: {
        const items = this.popMark();
        const set = this.top();
        if (!(set instanceof PySet)) return this.fail(`adds set items to ${describe(set)}`);
        make.add(set, items);
        return undefined;
      }
      case op.FROZENSET: {
        const set = make.newSet();
        make.add(set, this.popMark());
        return set;
      }
      case op.EMPTY_DICT:
        return make.newDict();
      case op.DICT: {
        const dict = make.newDict();
        make.assign(dict, this.popMark());
        return dict;
      }
      case op.SETITEM:
        return this.assign(this.popMany(2));
      case op.SETITEMS:
        return this.assign(this.popMark());

      // Stack and memo
      case op.MARK:
        if (this.marks.length >= pickleLimits.marks) this.fail(`opens more than ${pickleLimits.marks} marks`);
        this.marks.push(this.stack.length);
        return undefined;
      case op.POP:
        if (this.stack.length > this.floor()) this.stack.pop();
        else this.popMark();
        return undefined;
      case op.POP_MARK:
        this.popMark();
        return undefined;
      case op.DUP:
        return this.top();
      case op.PUT:
        return this.put(this.index());
      case op.BINPUT:
        return this.put(input.uint8());
      case op.LONG_BINPUT:
        return this.put(input.uint32());
      case op.MEMOIZE:
        return this.put(this.memo.size);
      case op.GET:
        return this.recall(this.index());
      case op.BINGET:
        return this.recall(input.uint8());
      case op.LONG_BINGET:
        return this.recall(input.uint32());

      // Names, and what is made with them
      case op.GLOBAL: {
        const module = input.line();
        return this.global(module, input.line());
      }
      case op.STACK_GLOBAL: {
        const [module, name] = this.popMany(2);
        if (typeof module === 'string' && typeof name === 'string') return this.global(module, name);
        return this.fail(`names a global with ${describe(module)} and ${describe(name)} instead of strings`);
      }
      case op.INST: {
        const module = input.line();
        const callee = this.global(module, input.line());
        return this.construct(callee, this.popMark());
      }
      case op.OBJ: {
        const [callee, ...args] = this.popMark();
        return this.construct(callee, args);
      }
      case op.NEWOBJ_EX: {
        const keywords = this.pop();
        if (!(keywords instanceof PyDict) || keywords.entries.size > 0) {
          this.fail('makes an object with keyword arguments');
        }
        return this.call();
      }
      case op.REDUCE:
      case op.NEWOBJ:
        return this.call();
      case op.BUILD:
        return this.build(this.pop());
      case op.PERSID:
        return this.persistent(input.line());
      case op.BINPERSID:
        return this.persistent(this.pop());

      case op.EXT1:
      case op.EXT2:
      case op.EXT4:
        return this.fail(`uses a code from Python's extension registry, ${opcodeName(code)}`);
      case op.NEXT_BUFFER:
      case op.READONLY_BUFFER:
        return this.fail(`refers to a buffer kept outside the pickle, ${opcodeName(code)}`);
      default:
        return this.fail(`has the unknown pickle opcode ${opcodeName(code)}`);
    }
  }

  private fail(reason: string, fix?: string): never {
    throw new CheckpointError(this.input.where, reason, {
      offset: this.at,
      ...(fix === undefined ? {} : { fix }),
    });
  }

  private push(value: Value): void {
    if (this.stack.length >= pickleLimits.stack) this.fail(`stacks more than ${pickleLimits.stack} values`);
    this.stack.push(value);
  }

  private counted(value: Value): Value {
    this.make.object();
    return value;
  }

  private literal(value: Value): Value {
    if (value === null) this.fail('has a number or string that is not written as Python writes it');
    return this.counted(value);
  }

  private bytes(length: number): PyBytes {
    this.input.skip(length);
    this.make.object();
    return new PyBytes(length);
  }

  /** The stack below this height belongs to what was there before the last MARK. */
  private floor(): number {
    return this.marks[this.marks.length - 1] ?? 0;
  }

  private top(): Value {
    return this.stack.length > this.floor() ? (this.stack[this.stack.length - 1] ?? null) : this.underflow();
  }

  private pop(): Value {
    return this.stack.length > this.floor() ? (this.stack.pop() ?? null) : this.underflow();
  }

  private popMany(count: number): Value[] {
    if (this.stack.length - count < this.floor()) this.underflow();
    return this.stack.splice(this.stack.length - count, count);
  }

  private popMark(): Value[] {
    const height = this.marks.pop();
    return height === undefined ? this.fail('closes a mark that was never set') : this.stack.splice(height);
  }

  private underflow(): never {
    return this.fail('takes more values from its stack than it put there');
  }

  private append(items: readonly Value[]): Value | undefined {
    const list = this.top();
    if (!(list instanceof PyList)) return this.fail(`appends to ${describe(list)}`);
    this.make.append(list, items);
    return undefined;
  }

  private assign(pairs: readonly Value[]): Value | undefined {
    const dict = this.top();
    if (!(dict instanceof PyDict)) return this.fail(`sets dict items of ${describe(dict)}`);
    this.make.assign(dict, pairs);
    return undefined;
  }

  private index(): number {
    const value = parseLong0(this.input.line());
    return typeof value === 'number' && value >= 0 ? value : this.fail('has a memo index that is no number');
  }

  private put(index: number): Value | undefined {
    this.memo.set(index, this.top());
    if (this.memo.size > pickleLimits.memo) this.fail(`memoizes more than ${pickleLimits.memo} values`);
    return undefined;
  }

  private recall(index: number): Value {
    return this.memo.get(index) ?? this.recallNone(index);
  }

  private recallNone(index: number): null {
    return this.memo.has(index) ? null : this.fail(`recalls memo entry ${index}, which was never stored`);
  }

  private global(module: string, name: string): Value {
    const resolved = resolveGlobal(module, name);
    if (!resolved) throw refusedGlobal(module, name, this.input.where, this.at);
    return resolved;
  }

  /** REDUCE and NEWOBJ: the arguments are on top of the stack, the callee below them. */
  private call(): Value {
    const args = this.pop();
    if (!(args instanceof PyTuple)) return this.fail(`passes ${describe(args)} as arguments`);
    return this.construct(this.pop(), args.items);
  }

  /** Rule 2. */
  private construct(callee: Value | undefined, args: readonly Value[]): Value {
    if (!isGlobal(callee)) return this.fail(`calls ${describe(callee)}`);
    if (!callee.construct) return this.fail(`calls ${callee.name}, which may only be mentioned`);
    return this.counted(callee.construct(args, this.make));
  }

  /** Rule 3. */
  private build(state: Value): Value | undefined {
    const target = this.top();
    if (target instanceof PyOpaque) return undefined;
    const takesAttributes = isTensor(target) || (target instanceof PyDict && target.type !== 'dict');
    if (takesAttributes && (state instanceof PyDict || state === null)) return undefined;
    return this.fail(`sets the state of ${describe(target)} from ${describe(state)}`);
  }

  private persistent(id: Value): Value {
    if (!this.persistentLoad) return this.fail('refers to an object outside the pickle');
    return this.counted(this.persistentLoad(id, this.make));
  }
}
