/** Work-done progress of an analysis, for editors that show it by themselves. */
import { basename } from 'node:path';
import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver';
import type { Progress } from '../../../protocol/analysis';

export interface FollowedProgress {
  readonly report: (progress: Progress) => void;
  readonly done: () => void;
}

/** Begins in the editor; reports before it has answered are kept back, so none comes before the beginning. */
export function followProgress(
  connection: Connection,
  image: string,
  onCancel: () => void,
): FollowedProgress {
  let bar: WorkDoneProgressServerReporter | null = null;
  let last: Progress | null = null;
  let ended = false;
  const show = ({ fraction, message }: Progress) => bar?.report(Math.round(100 * fraction), message);

  connection.window.createWorkDoneProgress().then(
    (created) => {
      if (ended) return;
      created.begin('Inference Lens', 0, basename(image), true);
      created.token.onCancellationRequested(onCancel);
      bar = created;
      if (last !== null) show(last);
    },
    () => undefined, // an editor without progress bars
  );
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
