/** Lists, tuples, sets and dicts of one pickle, filled under its limits: items, objects, nesting. */
import { pickleLimits } from './limits';
import { describe, PyDict, PyList, PySet, PyTuple } from './values';
import type { ConstructContext, Value } from './values';

type Fail = ConstructContext['fail'];

/** Counts what one pickle has requested so far. Everything that grows goes through here. */
export class Containers implements ConstructContext {
  private objects = 0;
  private items = 0;

  constructor(readonly fail: Fail) {}

  /** Counts one object about to be made. */
  object(): void {
    if (++this.objects > pickleLimits.objects) {
      this.fail(`makes more than ${pickleLimits.objects} objects`, 'too-large');
    }
  }

  newList(): PyList {
    this.object();
    return new PyList();
  }

  newSet(): PySet {
    this.object();
    return new PySet();
  }

  newDict(type?: string): PyDict {
    this.object();
    return new PyDict(type);
  }

  newTuple(items: readonly Value[]): PyTuple {
    this.object();
    this.spend(items.length, items.length);
    let depth = 1;
    for (const item of items) depth = Math.max(depth, 1 + depthOf(item));
    this.checkDepth(depth);
    return new PyTuple(items, depth);
  }

  append(list: PyList, items: readonly Value[]): void {
    this.spend(items.length, list.items.length + items.length);
    for (const item of items) {
      list.items.push(item);
      this.deepen(list, item);
    }
  }

  add(set: PySet, items: readonly Value[]): void {
    this.spend(items.length, set.items.size + items.length);
    for (const item of items) {
      this.checkKey(item, 'set item');
      set.items.add(item);
      this.deepen(set, item);
    }
  }

  /** `pairs` holds key, value, key, value. */
  assign(dict: PyDict, pairs: readonly Value[]): void {
    if (pairs.length % 2 === 1) this.fail('sets dict items from an odd number of values');
    this.spend(pairs.length, dict.entries.size + pairs.length / 2);
    for (let i = 0; i < pairs.length; i += 2) {
      const key = pairs[i] ?? null;
      const value = pairs[i + 1] ?? null;
      this.checkKey(key, 'dict key');
      dict.entries.set(key, value);
      this.deepen(dict, value);
    }
  }

  dict(type: string, source: Value | undefined): PyDict {
    const dict = this.newDict(type);
    if (source === undefined || source === null) return dict;
    if (source instanceof PyDict) {
      this.spend(2 * source.entries.size, source.entries.size);
      for (const [key, value] of source.entries) dict.entries.set(key, value);
      dict.depth = source.depth;
      return dict;
    }
    const pairs = this.itemsOf(source);
    this.spend(pairs.length, pairs.length);
    for (const pair of pairs) {
      const items = pair instanceof PyTuple || pair instanceof PyList ? pair.items : [];
      if (items.length !== 2) this.fail(`makes ${type} from something other than pairs`);
      this.assign(dict, items);
    }
    return dict;
  }

  list(source: Value | undefined): PyList {
    const list = this.newList();
    if (source !== undefined) this.append(list, this.itemsOf(source));
    return list;
  }

  set(source: Value | undefined): PySet {
    const set = this.newSet();
    if (source !== undefined) this.add(set, this.itemsOf(source));
    return set;
  }

  private itemsOf(source: Value): readonly Value[] {
    if (source instanceof PyList || source instanceof PyTuple) return source.items;
    if (source instanceof PySet) {
      // Counted before they are copied out, and again where they are put.
      this.spend(source.items.size, source.items.size);
      return [...source.items];
    }
    return this.fail(`makes a container from ${describe(source)}`);
  }

  private spend(added: number, size: number): void {
    if (size > pickleLimits.containerItems) {
      this.fail(
        `has a container of ${size} items; at most ${pickleLimits.containerItems} are read`,
        'too-large',
      );
    }
    this.items += added;
    if (this.items > pickleLimits.totalItems) {
      this.fail(`puts more than ${pickleLimits.totalItems} items into containers`, 'too-large');
    }
  }

  private checkKey(key: Value, role: string): void {
    if (key instanceof PyList || key instanceof PyDict || key instanceof PySet) {
      this.fail(`has ${describe(key)} as a ${role}`);
    }
  }

  private deepen(container: PyList | PySet | PyDict, item: Value): void {
    const depth = 1 + depthOf(item);
    if (depth <= container.depth) return;
    this.checkDepth(depth);
    container.depth = depth;
  }

  private checkDepth(depth: number): void {
    if (depth > pickleLimits.depth) {
      this.fail(`nests containers more than ${pickleLimits.depth} deep`, 'too-large');
    }
  }
}

function depthOf(value: Value): number {
  const nests =
    value instanceof PyTuple || value instanceof PyList || value instanceof PyDict || value instanceof PySet;
  return nests ? value.depth : 0;
}
