/** The entry point of the pickle machine: its rules are at the top of machine.ts. */
import type { PickleInput } from './input';
import { instructionOf } from './instructions';
import type { PersistentLoad } from './machine';
import { Machine } from './machine';
import type { Value } from './values';

/**
 * Runs the pickle that starts at the input's position and leaves the position after its STOP.
 * @param unknown takes the names that are on no list
 */
export function unpickle(
  input: PickleInput,
  persistentLoad?: PersistentLoad,
  unknown = new Set<string>(),
): Value {
  return new Machine(input, persistentLoad, unknown).run(instructionOf);
}
