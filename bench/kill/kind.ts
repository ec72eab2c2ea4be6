/** What a kind of killing is: something that works, is killed at a random moment, and must have lost nothing. */
import type { Random } from '../fuzz/random';

export type Ending = 'killed' | 'finished first';

/** Lives for all kills; what one kill leaves is still there for the next. */
export interface Victim {
  /** Starts the work, kills it, and checks what is left. @throws AssertionError where something was lost */
  kill(random: Random): Promise<Ending>;
  /** Does the work undisturbed after all kills, and checks that it is whole and that nothing of the dead remains. */
  end(): Promise<void>;
}

export interface KillKind {
  /** `npm run kill <name>`. */
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** Of a full run; `npm test` does a tenth of them. */
  readonly kills: number;
  /** @param folder empty, deleted afterwards */
  open(folder: string): Promise<Victim>;
}
