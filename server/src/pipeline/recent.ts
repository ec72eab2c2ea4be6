/** What was computed last: most questions come from a reader who goes on from the one before. */
export class Recent<T> {
  private last: { readonly key: string; readonly value: T } | null = null;

  /** What is kept under the key, else what `compute` gives, which is kept where it says so. */
  async of(key: string, compute: () => Promise<{ readonly value: T; readonly keep: boolean }>): Promise<T> {
    if (this.last?.key === key) return this.last.value;
    this.last = null; // before others take their room
    const { value, keep } = await compute();
    if (keep) this.last = { key, value };
    return value;
  }

  /** Gives the memory back. */
  forget(): void {
    this.last = null;
  }
}
