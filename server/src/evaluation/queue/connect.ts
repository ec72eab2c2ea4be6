/** Connections to Redis or Valkey: errors in the setup are refused with their reason, later outages are waited out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { LensError } from '../../errors';
import type { QueueAddress } from './address';
import { shown } from './address';

/** HRANDFIELD and what BullMQ uses; Valkey began with 7.2. */
const LEAST_VERSION = [6, 2] as const;

const CONNECT_MS = 10_000;

/** How long to wait for a server to return: a restart that reads a large append-only file takes minutes. */
const PATIENCE_MS = 15 * 60_000;
const MOST_DELAY_MS = 2_000;

export interface Connection {
  readonly redis: Redis;
  close(): void;
}

const optionsOf = ({ host, port, database, username, password, tls }: QueueAddress): RedisOptions => ({
  ...{ host, port, db: database, connectTimeout: CONNECT_MS, lazyConnect: true },
  ...(username === null ? {} : { username }),
  ...(password === null ? {} : { password }),
  ...(tls ? { tls: { servername: /^[\d.:]+$/.test(host) ? '' : host } } : {}),
});

/**
 * Asks the server who it is first, on a connection of its own.
 * @param lost called once each time the server is lost, and with false when it is back
 * @throws LensError of kind `usage`
 */
export async function connect(address: QueueAddress, lost: (isLost: boolean) => void): Promise<Connection> {
  const { Redis } = await import('./library');
  await probe(Redis, address);
  let since: number | null = null;
  const redis = new Redis({
    ...optionsOf(address),
    maxRetriesPerRequest: null,
    retryStrategy: (times) => {
      if (since === null) lost(true);
      since ??= Date.now();
      return Date.now() - since > PATIENCE_MS ? null : Math.min(times * 100, MOST_DELAY_MS);
    },
  });
  redis.on('error', () => undefined); // `retryStrategy` knows
  redis.on('ready', () => {
    if (since !== null) lost(false);
    since = null;
  });
  await redis.connect().catch(() => undefined);
  return { redis, close: () => redis.disconnect() };
}

/** Step by step, because the client would ignore a missing database, and warn on the terminal about an unneeded password. */
async function probe(library: typeof Redis, address: QueueAddress): Promise<void> {
  const { username, password, database } = address;
  const redis = new library({
    ...optionsOf({ ...address, username: null, password: null, database: 0 }),
    ...{ retryStrategy: () => null, maxRetriesPerRequest: 0, commandTimeout: CONNECT_MS },
    ...{ enableOfflineQueue: false, enableReadyCheck: false },
  });
  const errors: unknown[] = [];
  redis.on('error', (error) => errors.push(error));
  try {
    await redis.connect();
    if (password !== null) await redis.call('AUTH', ...(username === null ? [] : [username]), password);
    requireServer(await redis.info(), address);
    await loaded(() => redis.select(database));
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    throw refused(address, [...errors, thrown]);
  } finally {
    redis.disconnect();
  }
}

/** Waits while the server loads its data, when it answers nothing else. */
async function loaded(ask: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await ask();
      return;
    } catch (thrown) {
      const isLoading = thrown instanceof Error && thrown.message.startsWith('LOADING');
      if (!isLoading || performance.now() - start > PATIENCE_MS) throw thrown;
      await sleep(MOST_DELAY_MS);
    }
  }
}

/** Valkey reports the version of Redis that it is compatible with, and its own. */
function requireServer(info: string, address: QueueAddress): void {
  const value = (key: string): string => new RegExp(`^${key}:(.*?)\\s*$`, 'm').exec(info)?.[1] ?? '';
  const version = value('redis_version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]))
    throw usage(
      address,
      `expected Redis ${LEAST_VERSION.join('.')} or newer, or Valkey; found ${version === '' ? 'a server that does not say its version' : version}`,
      'Update the server, or name another.',
    );
  if (value('redis_mode') === 'cluster')
    throw usage(
      address,
      'expected one server, found a cluster',
      'A queue lies on one server; a small one is enough (docs/scale.md).',
    );
  if (value('role') === 'slave')
    throw usage(
      address,
      'expected a server that can be written, found a replica',
      `Name its primary, ${value('master_host')}.`,
    );
  const [limit, policy] = [Number(value('maxmemory')), value('maxmemory_policy')];
  if (limit > 0 && policy !== 'noeviction')
    throw usage(
      address,
      `expected a server that evicts no keys, found the eviction policy ${policy}, which drops keys when memory runs low`,
      'Change maxmemory-policy to noeviction in its configuration.',
    );
}

const usage = (
  address: QueueAddress,
  problem: string,
  fix: string | null,
  remedy?: 'queue-password' | 'no-queue-password',
): LensError =>
  new LensError('usage', `${shown(address)}: ${problem}.`, {
    ...(fix === null ? {} : { fix }),
    ...(remedy === undefined ? {} : { remedies: [remedy] }),
  });

/** Node's and the server's own error messages, sorted by who has to act. */
function refused(address: QueueAddress, thrown: readonly unknown[]): LensError {
  const texts = thrown.map(
    (each) => `${codeOf(each)} ${each instanceof Error ? each.message : String(each)}`,
  );
  const find = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text));
  if (find(/NOAUTH/)) return usage(address, 'expected a password, found none', null, 'queue-password');
  if (find(/WRONGPASS|invalid password|invalid username/i))
    return usage(
      address,
      'the server does not accept this password',
      'If the server has an access control list, put the user into the address: redis://name@host.',
      'queue-password',
    );
  if (find(/without any password configured|no password is set/i))
    return usage(address, 'a password was given, but the server has none', null, 'no-queue-password');
  if (find(/NOPERM/))
    return usage(
      address,
      'the user is not allowed to do what a queue needs',
      'Its rules need ~{inference-lens}* and +@all.',
    );
  if (find(/DB index is out of range|invalid DB/i))
    return usage(
      address,
      `the server has no database ${address.database}`,
      'An address without a number means the first one.',
    );
  if (find(/CERT|SELF_SIGNED|self.signed|UNABLE_TO_VERIFY|ALTNAME/i))
    return usage(
      address,
      'its certificate is not trusted',
      'Point the environment variable NODE_EXTRA_CA_CERTS to the file of its certificate authority.',
    );
  if (find(/EPROTO|wrong version number|SSL|packet length/i))
    return usage(address, 'expected TLS, found none', 'Write redis:// where the server has no TLS.');
  if (find(/ENOTFOUND|EAI_AGAIN/))
    return usage(address, `there is no host ${address.host}`, 'Check the name.');
  if (find(/ECONNREFUSED/))
    return usage(address, 'nothing listens there', 'Start Redis or Valkey, or check host and port.');
  if (find(/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out/i))
    return usage(address, 'no answer', 'Check host, port and firewall; a server with TLS needs rediss://.');
  return usage(
    address,
    'expected Redis or Valkey, found something that does not answer like it',
    'Check the port; a server with TLS needs rediss://, one without TLS redis://.',
  );
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

/** The error for failures after the connection was made. @returns `thrown` if it is not a failure of Redis */
export function queueError(address: QueueAddress, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof LensError) return thrown;
  const text = `${thrown.name} ${thrown.message}`;
  if (/OOM command/.test(text))
    return new LensError('output', `${shown(address)}: the server's memory is full.`, {
      cause: thrown,
      fix: 'Raise its maxmemory; docs/scale.md says how much a queue takes. The same command then resumes.',
    });
  if (/MISCONF|READONLY|NOREPLICAS/.test(text))
    return new LensError(
      'output',
      `${shown(address)}: the server does not accept writes: ${thrown.message}`,
      {
        cause: thrown,
        fix: 'Its disk may be full. Once that is fixed, the same command resumes.',
      },
    );
  if (
    /Connection is closed|connection close|ECONNRE|EPIPE|ETIMEDOUT|Stream isn't writeable|UnhandledClosed/.test(
      text,
    )
  )
    return new LensError('output', `${shown(address)}: the connection to the server was lost.`, {
      cause: thrown,
      fix: 'Start it again; the same command resumes where it stopped.',
    });
  return thrown;
}
