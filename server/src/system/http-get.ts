/**
 * HTTP GET that follows redirects by one set of rules, for downloads and pictures alike: at most five, only
 * to http:// and https:// addresses, and once a connection was encrypted, all that follow have to be.
 */
import type { Dispatcher } from 'undici';

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A redirect that is not followed. The message ends a sentence that begins with the first address. */
export class RedirectRefused extends Error {}

export interface GetOptions {
  readonly dispatcher: Dispatcher;
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly silentMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns the first answer that is not a redirect, whatever its status; its body has to be read or dumped
 * @throws RedirectRefused, else whatever the network or the signal throws
 */
export async function get(start: string, options: GetOptions): Promise<Dispatcher.ResponseData> {
  const { request } = await import('./http-client');
  const { dispatcher, silentMs, headers = {}, signal } = options;
  let url = new URL(start);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await request(url.href, {
      ...{ dispatcher, headers, headersTimeout: silentMs, bodyTimeout: silentMs },
      ...(signal === undefined ? {} : { signal }),
    });
    const location = one(response.headers['location']);
    if (!REDIRECTS.has(response.statusCode) || location === undefined) return response;
    await response.body.dump();
    url = next(url, location);
  }
  throw new RedirectRefused(`redirects more than ${MOST_REDIRECTS} times`);
}

function next(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new RedirectRefused('redirects to something that is not an address');
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw new RedirectRefused(`redirects to a ${to.protocol} address, expected http: or https:`);
  // Without its query, which may sign the address.
  if (from.protocol === 'https:' && to.protocol !== 'https:')
    throw new RedirectRefused(`redirects to ${to.origin}${to.pathname}, which is not encrypted`);
  return to;
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
