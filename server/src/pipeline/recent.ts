/** Caches what was computed last: most questions follow up on the one before. */
export class Recent<T> {
  private last: { readonly key: string; readonly value: T } | null = null;

  /** The cached value of the key, else that of `compute`, which is cached if it says so. */
  async of(key: string, compute: () => Promise<{ readonly value: T; readonly keep: boolean }>): Promise<T> {
    if (this.last?.key === key) return this.last.value;
    this.last = null; // free the memory before others take it
    const { value, keep } = await compute();
    if (keep) this.last = { key, value };
    return value;
  }

  /** Frees the memory. */
  forget(): void {
    this.last = null;
  }
}
