/** What a session's thread is asked and answers. */
import type { ErrorKind } from '../errors';
import type { NodePlacement } from './node-placement';
import type { RuntimeOptions } from './onnxruntime';
import type { Provider, Tensor } from './session';

export interface Opened {
  readonly provider: Provider;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** Main thread to session thread. One request opens the thread's session; `dispose` ends the thread. */
export type SessionRequest =
  /** Opens a session for what the runtime writes while it does, and releases it; before `open`. */
  | { readonly kind: 'optimize'; readonly model: string | Uint8Array; readonly options: RuntimeOptions }
  | { readonly kind: 'open'; readonly model: string | Uint8Array; readonly options: RuntimeOptions }
  | {
      readonly kind: 'run';
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly fetch: readonly string[] | undefined;
    }
  | { readonly kind: 'placement' }
  | { readonly kind: 'dispose' };

export interface SessionValues {
  readonly optimize: null;
  readonly open: Opened;
  readonly run: Record<string, Tensor>;
  readonly placement: NodePlacement | null;
  readonly dispose: null;
}

/** A LensError without its class, which does not cross a thread boundary. */
export interface ThreadFailure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly fix: string | undefined;
  readonly cause: Error | undefined;
}

/** Session thread to main thread: one answer a request, in the order of the requests. */
export type SessionAnswer =
  | { readonly ok: true; readonly value: SessionValues[SessionRequest['kind']] }
  | { readonly ok: false; readonly failure: ThreadFailure };
