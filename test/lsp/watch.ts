/** What the tests watch of a running server: engines, progress, answers. */
import assert from 'node:assert/strict';
import type { Progress } from '../../protocol/analysis';
import type { AnalysisStep } from '../../protocol/vocabulary';
import type { Failure, Outcome } from '../../protocol/failure';
import { partial, progress, type PartialReport } from '../../protocol/requests';
import type { RunningServer } from './server';

/** Process ids of the engines that said they were ready, in order. */
export const enginePids = ({ log }: RunningServer): readonly number[] =>
  log.flatMap((line) => /Engine (\d+) started/.exec(line)?.[1] ?? []).map(Number);

/** Resolves when a job reaches a step. Replaces any other listener for progress. */
export function nextProgress(
  { connection }: RunningServer,
  job: string,
  step: AnalysisStep,
): Promise<Progress> {
  return new Promise((resolve) => {
    connection.onNotification(progress.method, (now: { job: string; progress: Progress }) => {
      if (now.job === job && now.progress.step === step) resolve(now.progress);
    });
  });
}

export interface Heard {
  readonly progress: Progress[];
  readonly partials: { readonly folder: string; readonly report: PartialReport }[];
}

/** Collects what is said of a job. Replaces any other listener. */
export function hear(
  { connection }: RunningServer,
  job: string,
  onPartial?: (folder: string, report: PartialReport) => void,
): Heard {
  const heard: Heard = { progress: [], partials: [] };
  connection.onNotification(progress.method, (now: { job: string; progress: Progress }) => {
    if (now.job === job) heard.progress.push(now.progress);
  });
  connection.onNotification(partial.method, (now: { job: string; folder: string; report: PartialReport }) => {
    if (now.job !== job) return;
    heard.partials.push(now);
    onPartial?.(now.folder, now.report);
  });
  return heard;
}

export function failureOf(answer: Outcome<unknown>): Failure {
  if (answer.ok) assert.fail(`expected a failure, got ${JSON.stringify(answer.value).slice(0, 200)}`);
  return answer.failure;
}

export function valueOf<T>(answer: Outcome<T>): T {
  if (!answer.ok) assert.fail(`${answer.failure.kind}: ${answer.failure.message}`);
  return answer.value;
}
