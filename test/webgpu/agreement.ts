/** How far two runs of one graph are apart, output by output, and where the second one's nodes ran. */
import type { NodePlacement } from '../../server/src/runtime/node-placement';
import type { Tensor } from '../../server/src/runtime/session';

export interface OutputAgreement {
  readonly name: string;
  readonly values: number;
  /** Largest magnitude of the first run's values. */
  readonly range: number;
  /** Largest difference of a value. */
  readonly difference: number;
}

export interface Comparison {
  readonly outputs: readonly OutputAgreement[];
  readonly placement: NodePlacement | null;
}

type Results = Readonly<Record<string, Tensor>>;

/** @throws Error where the second run lacks an output or has one of another size */
export function compareOutputs(expected: Results, found: Results): readonly OutputAgreement[] {
  return Object.entries(expected).map(([name, { data }]) => {
    const other = found[name]?.data;
    if (other?.length !== data.length)
      throw new Error(`Output "${name}": expected ${data.length} values, found ${other?.length ?? 'none'}.`);
    let range = 0;
    let difference = 0;
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [Number(data[i]), Number(other[i])];
      range = Math.max(range, Math.abs(a));
      // A NaN on one side alone must not pass for agreement.
      difference = Object.is(a, b)
        ? difference
        : Math.max(difference, Math.abs(a - b) || (a === b ? 0 : Infinity));
    }
    return { name, values: data.length, range, difference };
  });
}
