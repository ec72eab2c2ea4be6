/** Work-done progress of an analysis, for editors that show it by themselves. */
import { basename } from 'node:path';
import type { Connection, ProgressToken, WorkDoneProgressReporter } from 'vscode-languageserver';
import type { Progress } from '../../../protocol/analysis';

export interface FollowedProgress {
  readonly report: (progress: Progress) => void;
  readonly done: () => void;
}

/** The token under which a request's sender expects its progress; undefined if it named none. */
export function workDoneToken(params: unknown): ProgressToken | undefined {
  if (params === null || typeof params !== 'object' || !('workDoneToken' in params)) return undefined;
  const { workDoneToken: token } = params;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

/**
 * Reports under the token that the request named, else under one that the editor is asked to create; what is
 * reported before the editor has agreed is held back, so that nothing precedes the beginning.
 */
export function followProgress(
  connection: Connection,
  image: string,
  token: ProgressToken | undefined,
  onCancel: () => void,
): FollowedProgress {
  let bar: WorkDoneProgressReporter | null = null;
  let last: Progress | null = null;
  let ended = false;
  const show = ({ fraction, message }: Progress) => bar?.report(Math.round(100 * fraction), message);
  const begin = (created: WorkDoneProgressReporter, cancellable: boolean): void => {
    if (ended) return;
    created.begin('Inference Lens', 0, basename(image), cancellable);
    bar = created;
    if (last !== null) show(last);
  };

  if (token !== undefined) {
    // Such a progress is cancelled by cancelling its request.
    begin(connection.window.attachWorkDoneProgress(token), false);
  } else {
    connection.window.createWorkDoneProgress().then(
      (created) => {
        begin(created, true);
        created.token.onCancellationRequested(onCancel);
      },
      () => undefined, // the editor has no progress bars
    );
  }
  return {
    report: (progress) => {
      last = progress;
      show(progress);
    },
    done: () => {
      ended = true;
      bar?.done();
    },
  };
}
