/** Which of many numbers belong together: a disjoint-set forest, and numbers sorted into buckets. */

export class Groups {
  private readonly into: Uint32Array;
  /** Of a root: numbers in its group, and the largest distance between two that were joined. */
  private readonly sizes: Uint32Array;
  private readonly distances: Uint8Array;

  constructor(count: number) {
    this.into = Uint32Array.from({ length: count }, (_, i) => i);
    this.sizes = new Uint32Array(count).fill(1);
    this.distances = new Uint8Array(count);
  }

  rootOf(number: number): number {
    const { into } = this;
    let root = number;
    while (into[root] !== root) root = into[root] as number;
    for (let at = number; at !== root;) {
      const next = into[at] as number;
      into[at] = root;
      at = next;
    }
    return root;
  }

  size(root: number): number {
    return this.sizes[root] as number;
  }

  distance(root: number): number {
    return this.distances[root] as number;
  }

  join(one: number, other: number, distance: number): void {
    const { into, sizes, distances } = this;
    let [large, small] = [this.rootOf(one), this.rootOf(other)];
    if ((sizes[large] as number) < (sizes[small] as number)) [large, small] = [small, large];
    distances[large] = Math.max(distance, distances[large] as number, distances[small] as number);
    if (large === small) return;
    into[small] = large;
    sizes[large] = (sizes[large] as number) + (sizes[small] as number);
  }
}

/** The numbers by key, in their order. @param keyOf 0 to count - 1 */
export function* bucketsOf(
  numbers: Uint32Array,
  count: number,
  keyOf: (number: number) => number,
): Generator<Uint32Array, void, undefined> {
  const ends = new Uint32Array(count + 1);
  for (const number of numbers) ends[keyOf(number) + 1] = (ends[keyOf(number) + 1] as number) + 1;
  for (let key = 0; key < count; key++) ends[key + 1] = (ends[key + 1] as number) + (ends[key] as number);
  const [next, sorted] = [ends.slice(), new Uint32Array(numbers.length)];
  for (const number of numbers) {
    const key = keyOf(number);
    sorted[next[key] as number] = number;
    next[key] = (next[key] as number) + 1;
  }
  for (let key = 0; key < count; key++)
    if (ends[key] !== ends[key + 1]) yield sorted.subarray(ends[key], ends[key + 1]);
}
