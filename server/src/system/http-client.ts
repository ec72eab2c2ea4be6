/**
 * HTTP with proxies from the environment, loaded on demand: 50 ms, which only downloads are to wait for.
 * Bundles find its names only here.
 */
export { EnvHttpProxyAgent, request } from 'undici';
