/** Contestants measured in turn, so that a slow minute of the machine meets all alike. */
import { busy } from './script';

export interface Contestant {
  readonly name: string;
  /** One run; its figure in whatever unit. */
  readonly run: () => Promise<number>;
}

/** `values[i]` are those of the i-th contestant, in the order of the rounds. The first `warmUp` rounds are not counted. */
export async function inTurn(
  contestants: readonly Contestant[],
  repeats: number,
  warmUp = 1,
): Promise<readonly (readonly number[])[]> {
  const values = contestants.map((): number[] => []);
  for (let round = 0; round < warmUp + repeats; round++) {
    for (const [i, { run }] of contestants.entries()) {
      const value = await run();
      if (round >= warmUp) values[i]?.push(value);
    }
    busy(round < warmUp ? 'warm' : `round ${round - warmUp + 1} of ${repeats}`);
  }
  return values;
}
