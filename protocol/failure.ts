/** How an error crosses a process boundary. */
import type { FailureCode, FailureKind } from './failure-codes';

/**
 * What the user can do about it, which each front end offers in its own way: as an option, a setting, a
 * command or a button. Each words it itself, and skips what it does not offer.
 */
export type Remedy =
  | {
      readonly do:
        | 'give-box'
        | 'other-detector'
        | 'whole-image'
        | 'detector-size'
        | 'memory-limit'
        | 'other-folder'
        | 'other-device'
        | 'cpu'
        | 'doctor'
        | 'install-cuda'
        | 'choose-weights'
        | 'restart-server'
        | 'other-activation'
        | 'choose-pipeline'
        | 'choose-lens'
        | 'import-file'
        | 'demo-weights'
        | 'no-architecture'
        | 'choose-architecture'
        | 'other-id'
        | 'trust-workspace'
        | 'no-state-dict'
        | 'map-labels'
        | 'other-root'
        | 'name-columns'
        | 'replace-evaluation'
        | 'evaluate-shard'
        | 'fetch-pictures'
        | 'other-queue'
        | 'fill-queue'
        | 'name-set'
        | 'queue-password'
        | 'no-queue-password'
        | 'name-ffmpeg'
        | 'other-picture-folder';
    }
  | { readonly do: 'download-model' | 'remove-model'; readonly id: string }
  /** One of these state dicts of the file has to be chosen. */
  | { readonly do: 'choose-state-dict'; readonly names: readonly string[] };

export interface Failure {
  readonly kind: FailureKind;
  /** Names the file, what was expected and what was found. */
  readonly message: string;
  /** What to do about it, wherever it is read. */
  readonly fix: string | null;
  /** What else can be done. In an editor their words are part of `fix` already, and these say which buttons help. */
  readonly remedies?: readonly Remedy[];
  /** Of its kind, as docs/failures.md lists them; it stays what it is while messages get better. */
  readonly code: FailureCode;
}

/** Every answer is one or the other, so no caller waits forever. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };
