/** The address of a queue. It is always shown without its password. */

export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  /** `rediss://` */
  readonly tls: boolean;
  /** Evaluations with different names exist side by side. */
  readonly name: string;
}

/** Keeps the password out of the process list. */
export const PASSWORD_VARIABLE = 'INFERENCE_LENS_QUEUE_PASSWORD';
export const DEFAULT_QUEUE = 'evaluation';

/** Null where none is set. */
export const passwordIn = (environment: Readonly<Record<string, string | undefined>>): string | null =>
  environment[PASSWORD_VARIABLE] || null;

/** An address as messages show it, and as it can be typed again with the password. */
export function shown({ tls, host, port, database, username }: QueueAddress): string {
  const user = username === null ? '' : `${encodeURIComponent(username)}@`;
  const place = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'rediss' : 'redis'}://${user}${place}:${port}${database === 0 ? '' : `/${database}`}`;
}
