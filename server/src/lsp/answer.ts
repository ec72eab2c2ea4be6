/** Requests that always answer: the value, or the failure with what to do about it. */
import type { CancellationToken, Connection } from 'vscode-languageserver';
import { toFailure } from '../engine/failure';
import { asLensError } from '../errors';
import { printableStack } from '../printable';
import type { Lifecycle } from './lifecycle';
import { worded } from './remedies';

/**
 * Registers a handler.
 * @param check throws LensError unless the parameters are what the request needs; they come from another process
 */
export type Answering = <Params, Answer>(
  method: string,
  check: (params: unknown) => Params,
  handle: (params: Params, token: CancellationToken, rawParams: unknown) => Promise<Answer>,
) => void;

export const answering =
  (connection: Connection, life: Lifecycle): Answering =>
  (method, check, handle) => {
    connection.onRequest(method, async (...given: unknown[]) => {
      life.requireRunning();
      // The library spreads parameters that came as a list; the token is always last.
      const token = given.at(-1) as CancellationToken;
      const params = given.length > 1 ? given[0] : null;
      try {
        return { ok: true, value: await handle(check(params), token, params) };
      } catch (thrown) {
        const error = asLensError(thrown);
        if (error.kind === 'internal') connection.console.error(`${method}: ${printableStack(error)}`);
        return { ok: false, failure: worded(toFailure(error)) };
      }
    });
  };
