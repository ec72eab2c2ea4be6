/** One error type for everything a user may have to read: what failed, why, and what to do about it. */
import type { Remedy } from '../../protocol/failure';
import type { FailureCode, FailureKind } from '../../protocol/failure-codes';

export type ErrorKind = FailureKind;

type SimpleRemedy = Exclude<Remedy, { readonly id: string } | { readonly names: readonly string[] }>['do'];

export interface LensErrorOptions {
  /** What the reader can do, as a sentence that holds on the command line and in the editor. */
  readonly fix?: string;
  /** What the reader can do with an option or a command, which each door words for itself after `fix`. */
  readonly remedies?: readonly (Remedy | SimpleRemedy)[];
  readonly cause?: unknown;
  /** The value of a lens that it is about, so that its place can be added where that is known. */
  readonly about?: 'output.name' | 'layers' | undefined;
  /** Of the error's kind; without one, the kind's own. */
  readonly code?: FailureCode;
}

/**
 * `message` names the file (or setting), what was expected and what was found; `fix` says what to do.
 * Everything else that is thrown is a bug of ours and is shown as `internal`.
 */
export class LensError extends Error {
  override readonly name: string = 'LensError';
  readonly fix: string | undefined;
  readonly remedies: readonly Remedy[];
  readonly code: FailureCode;
  readonly about: LensErrorOptions['about'];

  constructor(
    readonly kind: ErrorKind,
    message: string,
    options: LensErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.fix = options.fix;
    this.remedies = (options.remedies ?? []).map((remedy) =>
      typeof remedy === 'string' ? { do: remedy } : remedy,
    );
    this.code = options.code ?? kind;
    this.about = options.about;
  }
}

/** Wraps whatever was thrown, keeping a LensError as it is. */
export function asLensError(thrown: unknown): LensError {
  if (thrown instanceof LensError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') return cancelled(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LensError('internal', message, {
    cause: thrown,
    fix: 'This is a bug in Inference Lens. Please report it with the log of this run.',
  });
}

/** Runs `work`. Errors about a model in it name the user's file, which the code that throws them need not know. */
export async function namingModel<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof LensError) || thrown.kind !== 'model' || thrown.message.includes(file))
      throw thrown;
    const { message, fix, remedies, code } = thrown;
    throw new LensError('model', `${file}: ${message}`, {
      ...{ cause: thrown, remedies, code },
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

export function cancelled(cause?: unknown): LensError {
  return new LensError('cancelled', 'Cancelled.', cause === undefined ? {} : { cause });
}

/** Throws the cancellation error if the signal has been aborted; called between steps. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal.reason);
}
