/** Taps that were computed last, by what they were computed from. Who gets them does not write into them. */

/** Lengths, the filter and the like, compared one by one. */
type Key = readonly unknown[];

export class RecentTaps<T> {
  /** The latest last. */
  private readonly held: { readonly key: Key; readonly taps: T }[] = [];

  constructor(private readonly most: number) {}

  get(key: Key, compute: () => T): T {
    const at = this.held.findIndex(
      ({ key: other }) => other.length === key.length && other.every((part, i) => Object.is(part, key[i])),
    );
    const found = at < 0 ? { key, taps: compute() } : (this.held.splice(at, 1)[0] as { key: Key; taps: T });
    this.held.push(found);
    if (this.held.length > this.most) this.held.shift();
    return found.taps;
  }
}
