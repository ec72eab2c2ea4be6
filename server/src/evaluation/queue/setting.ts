/** The queue as an editor's settings name it. A password has no place there: settings are synchronized, committed and logged. */
import { SECTION } from '../../../../protocol/options';
import { LensError } from '../../errors';
import { passwordIn, type QueueAddress } from './address';
import { parseAddress } from './parse-address';

export interface QueueSetting {
  /** Null where nothing is set. */
  readonly address: string | null;
  readonly name: string;
}

/**
 * @param environment holds the password, which the extension puts there
 * @throws LensError of kind `usage`, whose text holds no password
 */
export function queueOfSetting(
  { address: text, name }: QueueSetting,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): QueueAddress {
  const door = { address: `The setting ${SECTION}.queue`, name: `The setting ${SECTION}.queueName` };
  if (text === null)
    throw new LensError('usage', `${door.address} names no server, but a queue was requested.`, {
      fix: 'Write its address there, for example redis://queue.example:6379.',
    });
  const address = parseAddress({ text, name, password: null }, door);
  if (address.password !== null)
    throw new LensError(
      'usage',
      `${door.address} holds a password, which everyone who sees the settings can read.`,
      {
        fix: 'Remove it there.',
        remedies: ['queue-password'],
      },
    );
  return { ...address, password: passwordIn(environment) };
}
