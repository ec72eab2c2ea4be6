/** `--queue` and `--queue-name`: where the queue is. */
import { DEFAULT_QUEUE, passwordIn, type QueueAddress } from '../evaluation/queue/address';
import { parseAddress as parse } from '../evaluation/queue/parse-address';

/** @throws LensError of kind `usage`, whose text never holds what was typed, as that may be a password */
export const parseAddress = (
  text: string,
  name: string = DEFAULT_QUEUE,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): QueueAddress =>
  parse({ text, name, password: passwordIn(environment) }, { address: '--queue', name: '--queue-name' });
