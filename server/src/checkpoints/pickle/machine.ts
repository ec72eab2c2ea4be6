/**
 * Reads a pickle into inert values. A pickle is a program for a stack machine that may name any Python
 * function and have it called; this machine has no way to call anything, and refuses what it does not know.
 * Its rules:
 *
 *  1. A name (GLOBAL, STACK_GLOBAL, INST) that runs code in Python refuses the whole file, wherever it occurs. One on the
 *     allow-list of globals.ts is bound to an inert value. Any other is unknown: its objects are kept only by name, and
 *     the name is remembered for a warning.
 *  2. REDUCE, NEWOBJ, NEWOBJ_EX, OBJ and INST make the inert value that is bound to the name. A value that is not a
 *     name cannot be called, nor a function of Python, PyTorch or NumPy that is not on the allow-list.
 *  3. BUILD sets attributes of ordered dicts, tensors and opaque objects; the attributes are dropped.
 *  4. APPEND(S) fills lists only, SETITEM(S) dicts only, ADDITEMS sets only; what opaque objects would take is dropped.
 *  5. Persistent ids go to the caller, which knows the storages. Extension codes, out-of-band buffers and unknown
 *     opcodes are refused.
 *  6. Every operand is checked against the bytes there are; every limit of limits.ts holds; nothing recurses.
 *
 * Errors carry the position of the opcode. Semantics: CPython, Lib/pickle.py and Lib/pickletools.py; PyTorch,
 * torch/_weights_only_unpickler.py for what checkpoints need.
 */
import { CheckpointError } from '../error';
import type { CheckpointProblem } from '../error';
import { Containers } from './containers';
import { refusedGlobal, resolveGlobal, wouldRun } from './globals';
import type { PickleInput } from './input';
import { pickleLimits } from './limits';
import { op, opcodeName } from './opcodes';
import { describe, isGlobal, isTensor, PyBytes, PyDict, PyList, PyOpaque, PySet, PyTuple } from './values';
import type { ConstructContext, Value } from './values';

/** Unknown names that are remembered; more than anyone reads. */
const MOST_NAMES = 64;

/** What the caller makes of a persistent id: PyTorch's way of referring to storages. */
export type PersistentLoad = (id: Value, context: ConstructContext) => Value;

/** What an opcode does; what it returns goes onto the stack. */
export type Instruction = (machine: Machine) => Value | undefined;

/** The machine as its instructions (instructions.ts) see it. */
export class Machine {
  private readonly stack: Value[] = [];
  /** Heights of the stack at the MARKs that are open. */
  private readonly marks: number[] = [];
  /** Height at the last MARK: what is below belongs to what was there before it. */
  private floor = 0;
  private readonly memo = new Map<number, Value>();
  readonly make: Containers;
  /** Position of the opcode being run. */
  private at = 0;

  constructor(
    readonly input: PickleInput,
    private readonly persistentLoad: PersistentLoad | undefined,
    /** Takes the unknown names. */
    private readonly unknown: Set<string>,
  ) {
    this.make = new Containers((reason, kind) => this.fail(reason, kind));
  }

  /** Runs from the input's position up to STOP. @param instructionOf the table of instructions.ts, by opcode */
  run(instructionOf: Readonly<Record<number, Instruction | undefined>>): Value {
    for (let steps = 0; ; steps++) {
      this.at = this.input.offset;
      if (steps === pickleLimits.steps) this.fail(`has more than ${pickleLimits.steps} opcodes`, 'too-large');
      const code = this.input.uint8();
      if (code === op.STOP) return this.pop();
      const instruction = instructionOf[code];
      if (!instruction) return this.fail(`has the unknown pickle opcode ${opcodeName(code)}`);
      const value = instruction(this);
      if (value !== undefined) this.push(value);
    }
  }

  fail(reason: string, kind: CheckpointProblem = 'damaged'): never {
    throw new CheckpointError(this.input.where, reason, { offset: this.at, kind });
  }

  private push(value: Value): void {
    if (this.stack.length >= pickleLimits.stack)
      this.fail(`stacks more than ${pickleLimits.stack} values`, 'too-large');
    this.stack.push(value);
  }

  counted(value: Value): Value {
    this.make.object();
    return value;
  }

  literal(value: Value): Value {
    if (value === null) this.fail('has a number or string that is not written as Python writes it');
    return this.counted(value);
  }

  bytes(length: number): PyBytes {
    this.input.skip(length);
    this.make.object();
    return new PyBytes(length);
  }

  mark(): Value | undefined {
    if (this.marks.length >= pickleLimits.marks)
      this.fail(`opens more than ${pickleLimits.marks} marks`, 'too-large');
    this.floor = this.stack.length;
    this.marks.push(this.floor);
    return undefined;
  }

  /** POP also closes a mark, where nothing is above it. */
  discard(): Value | undefined {
    if (this.stack.length > this.floor) this.stack.pop();
    else this.popMark();
    return undefined;
  }

  top(): Value {
    return this.stack.length > this.floor ? (this.stack[this.stack.length - 1] ?? null) : this.underflow();
  }

  pop(): Value {
    return this.stack.length > this.floor ? (this.stack.pop() ?? null) : this.underflow();
  }

  popMany(count: number): Value[] {
    const { stack } = this;
    const start = stack.length - count;
    if (start < this.floor) this.underflow();
    const values = stack.slice(start);
    stack.length = start;
    return values;
  }

  popMark(): Value[] {
    const height = this.marks.pop();
    if (height === undefined) return this.fail('closes a mark that was never set');
    this.floor = this.marks[this.marks.length - 1] ?? 0;
    const values = this.stack.slice(height);
    this.stack.length = height;
    return values;
  }

  private underflow(): never {
    return this.fail('takes more values from its stack than it put there');
  }

  add(items: readonly Value[]): Value | undefined {
    const set = this.top();
    if (set instanceof PyOpaque) return undefined;
    if (!(set instanceof PySet)) return this.fail(`adds set items to ${describe(set)}`, 'unsupported');
    this.make.add(set, items);
    return undefined;
  }

  append(items: readonly Value[]): Value | undefined {
    const list = this.top();
    if (list instanceof PyOpaque) return undefined;
    if (!(list instanceof PyList)) return this.fail(`appends to ${describe(list)}`, 'unsupported');
    this.make.append(list, items);
    return undefined;
  }

  assign(pairs: readonly Value[]): Value | undefined {
    const dict = this.top();
    if (dict instanceof PyOpaque) return undefined;
    if (!(dict instanceof PyDict)) return this.fail(`sets dict items of ${describe(dict)}`, 'unsupported');
    this.make.assign(dict, pairs);
    return undefined;
  }

  /** MEMOIZE: under the next number. */
  memoize(): Value | undefined {
    return this.put(this.memo.size);
  }

  put(index: number): Value | undefined {
    this.memo.set(index, this.top());
    if (this.memo.size > pickleLimits.memo)
      this.fail(`memoizes more than ${pickleLimits.memo} values`, 'too-large');
    return undefined;
  }

  recall(index: number): Value {
    return this.memo.get(index) ?? this.recallNone(index);
  }

  private recallNone(index: number): null {
    return this.memo.has(index) ? null : this.fail(`recalls memo entry ${index}, which was never stored`);
  }

  global(module: string, name: string): Value {
    const resolved = resolveGlobal(module, name);
    if (!resolved) throw refusedGlobal(module, name, this.input.where, this.at);
    if (resolved.unknown && this.unknown.size < MOST_NAMES) this.unknown.add(resolved.name);
    return resolved;
  }

  /** REDUCE and NEWOBJ: the arguments are on top of the stack, the callee below them. */
  call(): Value {
    const args = this.pop();
    if (!(args instanceof PyTuple)) return this.fail(`passes ${describe(args)} as arguments`, 'unsupported');
    return this.construct(this.pop(), args.items);
  }

  /** Rule 2. */
  construct(callee: Value | undefined, args: readonly Value[]): Value {
    if (!isGlobal(callee)) return this.fail(`calls ${describe(callee)}`, 'unsupported');
    const [first] = args;
    const runs = callee.name === 'functools.partial' && isGlobal(first) ? first : callee;
    if (runs.runs) throw wouldRun(runs.name, this.input.where, this.at);
    if (!callee.construct)
      return this.fail(`calls ${callee.name}, which may only be mentioned`, 'unsupported');
    return this.counted(callee.construct(args, this.make));
  }

  /** Rule 3. */
  build(state: Value): Value | undefined {
    const target = this.top();
    if (target instanceof PyOpaque) return undefined;
    const takesAttributes = isTensor(target) || (target instanceof PyDict && target.type !== 'dict');
    if (takesAttributes && (state instanceof PyDict || state === null)) return undefined;
    return this.fail(`sets the state of ${describe(target)} from ${describe(state)}`, 'unsupported');
  }

  persistent(id: Value): Value {
    if (!this.persistentLoad) return this.fail('refers to an object outside the pickle');
    return this.counted(this.persistentLoad(id, this.make));
  }
}
