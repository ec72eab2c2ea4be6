/** The address of a queue as typed, on the command line or into a setting. */
import { LensError } from '../../errors';
import type { QueueAddress } from './address';

export interface TypedAddress {
  readonly text: string;
  readonly name: string;
  /** Where the address holds none. */
  readonly password: string | null;
}

/** What the reader knows the two by. */
export interface AddressDoor {
  readonly address: string;
  readonly name: string;
}

const EXAMPLE =
  'For example redis://queue.example:6379, or rediss://queue.example:6380/2 with TLS and the third database.';

/** @throws LensError of kind `usage`, whose text never holds what was typed, as that may be a password */
export function parseAddress({ text, name, password }: TypedAddress, door: AddressDoor): QueueAddress {
  const wrong = (expected: string, found: string): LensError =>
    new LensError('usage', `${door.address} expects ${expected}; found ${found}.`, { fix: EXAMPLE });
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw wrong(
        'a name and a password in which % and other special characters are written as %25 and the like',
        'a lone %',
      );
    }
  };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw wrong(
      'an address that begins with redis:// or rediss://',
      url === null ? 'something else' : url.protocol,
    );
  const [, database] = /^\/?(\d{0,5})$/.exec(url.pathname) ?? [];
  if (database === undefined || url.search !== '' || url.hash !== '')
    throw wrong('nothing after the host but the number of a database', 'more');
  if (!/^[\w-]{1,64}$/.test(name))
    throw new LensError('usage', `${door.name} expects 1 to 64 letters, digits, _ and -; found "${name}".`, {
      fix: 'For example validation-2.',
    });
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    database: Number(database),
    username: url.username === '' ? null : decoded(url.username),
    password: url.password === '' ? password : decoded(url.password),
    tls: url.protocol === 'rediss:',
    name,
  };
}
