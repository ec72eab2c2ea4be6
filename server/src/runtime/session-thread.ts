/** A session in a thread of its own: loading and running it leave this thread free. */
import { Worker } from 'node:worker_threads';
import { LensError } from '../errors';
import { prepareNativeEnvironment } from './native-environment';
import type { RuntimeOptions } from './onnxruntime';
import type { Session } from './session';
import type { SessionAnswer, SessionRequest, SessionValues, ThreadFailure } from './session-messages';
import type { ThreadEntry } from '../system/worker-entry';
import { workerEntry } from '../system/worker-entry';

/** A thread that waits for the session it is for. */
export interface WaitingThread {
  /**
   * Like `createSession`, in the thread, which ends with the session. Inputs are copied to it, results are moved back.
   * The thread keeps the process alive only while it works. A thread must not be ended during a run (the binding would
   * abort the process), so `dispose` waits for what was asked before it.
   * @throws LensError as `createSession` does; of kind `internal` or `device` if the thread ends by itself
   */
  open(model: string | Uint8Array, options?: RuntimeOptions): Promise<Session>;
  /**
   * Has the runtime load a model for the optimized form that it writes (`optimizedModelPath`), and release
   * it: before `open`, as often as needed.
   * @throws LensError as `createSession` does; the thread keeps waiting
   */
  optimize(model: string | Uint8Array, options: RuntimeOptions): Promise<void>;
  /** Ends a thread in which nothing was opened. */
  end(): Promise<void>;
}

/** The thread starts and loads the runtime while it is still being found out what it is to open. */
export function startSessionThread(
  entry: ThreadEntry = workerEntry(__dirname, 'session-worker'),
): WaitingThread {
  const thread = new SessionThread(entry);
  return {
    async open(model, options = { provider: 'cpu' }) {
      try {
        const opened = await thread.ask({ kind: 'open', model, options });
        return {
          ...opened,
          run: (feeds, fetch) => thread.ask({ kind: 'run', feeds, fetch }),
          nodePlacement: () => thread.ask({ kind: 'placement' }),
          dispose: () => thread.end(),
        };
      } catch (thrown) {
        await thread.end();
        throw thrown;
      }
    },
    async optimize(model, options) {
      await thread.ask({ kind: 'optimize', model, options });
    },
    end: () => thread.end(),
  };
}

/** A session in a thread that is started for it: see `WaitingThread.open`. */
export const openSession = (
  model: string | Uint8Array,
  options?: RuntimeOptions,
  entry?: ThreadEntry,
): Promise<Session> => startSessionThread(entry).open(model, options);

/** What optimizes models. */
export type Optimizer = Pick<WaitingThread, 'optimize'>;

/** A thread for each model, where none waits anyway. */
export const ownThread: Optimizer = {
  async optimize(model, options) {
    const thread = startSessionThread();
    try {
      await thread.optimize(model, options);
    } finally {
      await thread.end();
    }
  },
};

interface Waiter {
  readonly resolve: (value: never) => void;
  readonly reject: (error: LensError) => void;
}

class SessionThread {
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  /** In the order of their requests, which is that of the answers. */
  private readonly waiting: Waiter[] = [];
  private ending: Promise<void> | null = null;
  /** Why no more requests are accepted; null as long as they are. */
  private over: LensError | null = null;

  constructor({ path, execArgv }: ThreadEntry) {
    prepareNativeEnvironment(); // the thread's own environment is a copy that native code does not see
    this.worker = new Worker(path, { execArgv: [...execArgv], name: 'session' });
    this.worker.unref();
    this.worker.on('message', (answer: SessionAnswer) => this.settle(answer));
    this.worker.on('messageerror', (error) => this.fail(ended(error)));
    this.worker.on('error', (error) => this.fail(ended(error)));
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.fail(ended(new Error(`exit code ${code}`)));
        resolve();
      });
    });
  }

  ask<K extends SessionRequest['kind']>(
    request: Extract<SessionRequest, { kind: K }>,
  ): Promise<SessionValues[K]> {
    if (this.over !== null) return Promise.reject(this.over);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.ref();
      this.worker.postMessage(request);
    });
  }

  /** Resolves when the thread is gone. Never rejects: the memory of a session that cannot be released is released with the thread. */
  end(): Promise<void> {
    this.ending ??= this.release();
    return this.ending;
  }

  private async release(): Promise<void> {
    const released = this.ask({ kind: 'dispose' });
    this.over ??= new LensError('internal', 'The session was used after it had been disposed of.');
    this.worker.ref();
    await released.catch(() => undefined);
    await this.exited;
  }

  private settle(answer: SessionAnswer): void {
    const waiter = this.waiting.shift();
    if (this.waiting.length === 0 && this.ending === null) this.worker.unref();
    if (answer.ok) waiter?.resolve(answer.value as never);
    else waiter?.reject(revived(answer.failure));
  }

  private fail(error: LensError): void {
    this.over ??= error;
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }
}

const revived = ({ kind, message, fix, cause }: ThreadFailure): LensError =>
  new LensError(kind, message, {
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });

/** An uncaught error, or the end of the thread's memory. */
function ended(cause: Error & { code?: string }): LensError {
  return cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new LensError('device', 'The thread that runs the network ran out of memory.', {
        cause,
        fix: 'Close other programs; a smaller network needs less.',
        remedies: ['choose-weights'],
      })
    : new LensError('internal', `The thread that runs the network ended: ${cause.message}`, {
        cause,
        fix: 'Try again. If it happens again, please report it with the log of this run.',
      });
}
