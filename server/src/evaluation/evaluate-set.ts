/** One evaluation for the editor: progress in words, and notes for the reader at the end. */
import type { FinishedSet } from '../../../protocol/answers';
import type { AnalysisOptions } from '../../../protocol/options';
import type { Workbench } from '../pipeline/workbench/workbench';
import { byQueue } from './queue/by-queue';
import { workerCommand, workersOf } from './queue/words';
import { queueOfSetting, type QueueSetting } from './queue/setting';
import type { EvaluationHooks } from './request';
import { evaluate } from './run';
import { summaryOf } from './summary/summary';
import { isVideo, oneMachine } from './video/video-request';

export interface SetQuestion {
  readonly source: string;
  readonly output: string;
  readonly labels: string | null;
  readonly replace: number | null;
  /** Whose workers evaluate it; this machine does where there is none. */
  readonly queueAt?: QueueSetting | null;
  readonly options: AnalysisOptions;
  readonly trusted?: boolean;
}

export interface SetHooks {
  readonly signal?: AbortSignal;
  readonly moved?: (what: string, done: number, total: number | null) => void;
  readonly note?: (text: string) => void;
}

/** @throws LensError */
export async function evaluateSet(
  { source, output, labels, replace, options, trusted = true, queueAt = null }: SetQuestion,
  bench: Workbench,
  { signal, moved, note }: SetHooks,
): Promise<FinishedSet> {
  const notes: string[] = [];
  const count = { all: 0, done: 0, failed: 0, workers: '' };
  const reportProgress = (): void => {
    const failed = count.failed === 0 ? '' : `, ${count.failed} failed`;
    moved?.(`${count.done} of ${count.all} pictures${failed}${count.workers}`, count.done, count.all);
  };
  const address = queueAt === null ? null : queueOfSetting(queueAt);
  if (address !== null && isVideo(source)) throw oneMachine(source);
  const request = {
    set: { source, labels, pathColumn: null, labelColumn: null, root: null },
    ...{ options, output, shard: null, replace: replace === 1, renamed: new Map<string, string>() },
    ...{ attentionBox: null, attentionMask: null, allowHuge: false },
  };
  const hooks: EvaluationHooks = {
    ...(signal === undefined ? {} : { signal }),
    trusted,
    note: (text) => {
      notes.push(text);
      note?.(text);
    },
    begin: (all, done) => {
      Object.assign(count, { all, done });
      reportProgress();
    },
    row: ({ error }, isLast) => {
      if (isLast) count.done += 1;
      if (error !== null) count.failed += 1;
      reportProgress();
    },
  };
  const compute =
    address === null
      ? undefined
      : byQueue(
          { address, jobSize: null },
          {
            moved: (_pictures, _total, workers) => {
              if (workers.count > 0 || count.workers === '') count.workers = `, ${workersOf(workers)}`;
              reportProgress();
            },
            alone: () => {
              count.workers = `, but no workers are running: start some with ${workerCommand(address)}`;
              reportProgress();
            },
          },
        );
  const { folder, wasThere } = await evaluate(request, bench, summaryOf, hooks, compute);
  return { folder, wasThere, notes };
}
