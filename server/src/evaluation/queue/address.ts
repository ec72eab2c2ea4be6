/** Where a queue lies. Whoever shows an address shows it without its password. */

export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  /** `rediss://` */
  readonly tls: boolean;
  /** Evaluations of different names lie side by side. */
  readonly name: string;
}

/** Keeps the password out of the list of processes. */
export const PASSWORD_VARIABLE = 'INFERENCE_LENS_QUEUE_PASSWORD';
export const DEFAULT_QUEUE = 'evaluation';

/** As messages name it, and as it may be typed again by who knows the password. */
export function shown({ tls, host, port, database, username }: QueueAddress): string {
  const user = username === null ? '' : `${encodeURIComponent(username)}@`;
  const place = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'rediss' : 'redis'}://${user}${place}:${port}${database === 0 ? '' : `/${database}`}`;
}
