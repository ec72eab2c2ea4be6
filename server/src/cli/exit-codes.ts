/** Exit codes: a script that calls the command line can tell who has to act. */
import type { ErrorKind } from '../errors';

export const DONE = 0;

/** Everything ran, and something that `check` expects does not hold. */
export const CHECK_FAILED = 7;

export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  usage: 2,
  image: 3,
  model: 4,
  device: 5,
  output: 6,
  cancelled: 130, // as shells report an interrupt
};
