/** Names that are taken, and the next free name similar to a given one. */
export class TakenNames {
  private readonly taken = new Set<string>();
  /** By wanted name, the first suffix that may be free: those before it are taken. */
  private readonly numbers = new Map<string, number>();

  has(name: string): boolean {
    return this.taken.has(name);
  }

  add(name: string): void {
    this.taken.add(name);
  }

  /** `wanted` where that is free, else `wanted_1`, `wanted_2`, ...; it stays free until it is added. */
  free(wanted: string): string {
    let number = this.numbers.get(wanted) ?? 0;
    while (this.taken.has(numbered(wanted, number))) number++;
    this.numbers.set(wanted, number);
    return numbered(wanted, number);
  }

  /** The same, taken at once. */
  take(wanted: string): string {
    const name = this.free(wanted);
    this.taken.add(name);
    return name;
  }
}

const numbered = (name: string, number: number): string => (number === 0 ? name : `${name}_${number}`);
