/** How to name exactly one class of a network: by the engine's rules, which editor and page follow when they write a target. */

/** Always an index, whatever classes are called. */
const INDEX = /^index:(\d{1,9})$/;
const DIGITS = /^\d{1,9}$/;

/** The target that means the predicted class. */
export const PREDICTED_TARGET = 'pred';

export class ClassNames {
  private readonly indices = new Map<string, number[]>();

  /** @param labels of all classes, by index */
  constructor(readonly labels: readonly string[]) {
    labels.forEach((label, index) => {
      const same = this.indices.get(label);
      if (same) same.push(index);
      else this.indices.set(label, [index]);
    });
  }

  /**
   * Classes that a target names outright: one, several that share a name, or none. `index:12` is an index; else a name counts before an
   * index, since classes may be called "1", "2", "3".
   */
  named(target: string): readonly number[] {
    const digits = INDEX.exec(target)?.[1];
    const named = digits === undefined ? this.indices.get(target) : undefined;
    if (named) return named;
    const index = digits !== undefined || DIGITS.test(target) ? Number(digits ?? target) : this.labels.length;
    return index < this.labels.length ? [index] : [];
  }

  /** The shortest target that means this class and no other: its name, its index, or `index:12`. */
  targetOf(index: number): string {
    const clear = [this.labelOf(index), String(index)].find((target) => {
      const [only, ...others] = target === PREDICTED_TARGET ? [] : this.named(target);
      return only === index && others.length === 0;
    });
    return clear ?? `index:${index}`;
  }

  /** For a list of classes: its name, with its index where others share the name. */
  titleOf(index: number): string {
    const label = this.labelOf(index);
    return (this.indices.get(label)?.length ?? 0) > 1 ? `${label} (class ${index})` : label;
  }

  private labelOf(index: number): string {
    return this.labels[index] ?? '';
  }
}
