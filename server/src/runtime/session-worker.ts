/** The thread of one session: loads it, runs it, releases it, one request after the other. */
import { parentPort } from 'node:worker_threads';
import { LensError, asLensError } from '../errors';
import { createSession } from './onnxruntime';
import type { Session, Tensor } from './session';
import type { SessionAnswer, SessionRequest, SessionValues } from './session-messages';

const port = parentPort;
if (port === null) throw new Error('This file is the entry point of a worker thread.');

// While it is still being found out what to open; what is wrong with it, opening says.
void import('onnxruntime-node').catch(() => undefined);

let session: Session | null = null;
let work: Promise<void> = Promise.resolve();

port.on('message', (request: SessionRequest) => {
  work = work.then(() => answer(request));
});

async function answer(request: SessionRequest): Promise<void> {
  try {
    const value = await perform(request);
    reply({ ok: true, value }, request.kind === 'run' ? buffersOf(value as SessionValues['run']) : []);
  } catch (thrown) {
    const { kind, message, fix, cause } = asLensError(thrown);
    reply({ ok: false, failure: { kind, message, fix, cause: portable(cause) } });
  }
  // Nothing else keeps this thread: it ends by itself.
  if (request.kind === 'dispose') port?.close();
}

async function perform(request: SessionRequest): Promise<SessionValues[SessionRequest['kind']]> {
  switch (request.kind) {
    case 'optimize':
      await (await createSession(request.model, request.options)).dispose();
      return null;
    case 'open': {
      session = await createSession(request.model, request.options);
      const { provider, inputNames, outputNames } = session;
      return { provider, inputNames, outputNames };
    }
    case 'run':
      return opened().run(request.feeds, request.fetch);
    case 'placement':
      return opened().nodePlacement();
    case 'dispose':
      await session?.dispose();
      session = null;
      return null;
  }
}

function opened(): Session {
  if (session === null) throw new LensError('internal', 'The session was not opened.');
  return session;
}

function reply(message: SessionAnswer, moved: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, moved);
}

/** Results are moved, not copied: each tensor that the runtime returns has a buffer of its own. */
const buffersOf = (results: Readonly<Record<string, Tensor>>): readonly ArrayBuffer[] => [
  ...new Set(Object.values(results).map(({ data }) => data.buffer as ArrayBuffer)),
];

/** Of a cause only its text crosses the boundary. */
const portable = (cause: unknown): Error | undefined =>
  cause instanceof Error ? new Error(cause.message) : undefined;
