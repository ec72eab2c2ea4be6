/** What every station of one analysis shares: who asked for what, where it runs, and how it is timed, logged, and stopped. */
import { existsSync } from 'node:fs';
import type { AnalysisOptions, Progress } from '../../../protocol/analysis';
import type { PartialReport } from '../../../protocol/requests';
import type { AnalysisStep } from '../../../protocol/vocabulary';
import { ProcessLog } from '../report/log';
import { now } from '../report/process-id';
import type { ChosenDevice } from '../runtime/devices';
import type { Mutex } from '../system/mutex';
import type { ChosenLens } from './choose-lens';
import { chooseLens } from './choose-lens';
import type { BatchWeights } from './network/batch-weights';
import type { PrepareOptions } from './network/prepare';
import type { Weights } from './network/weights';
import { Stopwatch } from './reporting/stopwatch';
import type { Placement } from './workbench/placement';
import type { SessionUse, Workbench } from './workbench/workbench';

export interface RunHooks {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** More parts are known; their pictures are on disk under `folder`, which is renamed when the report is complete. */
  readonly partial?: (folder: string, report: PartialReport) => void;
  /** Other analyses are under way at the same time. */
  readonly several?: boolean;
  /** Passed with every image of a batch: the first image's weights serve all. */
  readonly weights?: BatchWeights;
  /** Takes images beyond the pixel limit. */
  readonly allowHuge?: boolean;
  /** False if files that nobody named, such as those beside weights, must not be read; true by default. */
  readonly trusted?: boolean;
  /** Given where the target that is likely to be requested next may be computed once nothing is requested: notes that it is. */
  readonly ahead?: (what: string) => void;
}

export interface RunContext {
  readonly imagePath: string;
  readonly options: AnalysisOptions;
  readonly hooks: RunHooks;
  readonly signal: AbortSignal | undefined;
  readonly bench: Workbench;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly log: ProcessLog;
  readonly watch: Stopwatch;
  readonly device: ChosenDevice;
  readonly placement: Placement;
  readonly lens: ChosenLens;
  readonly weights: Weights;
  readonly prepare: PrepareOptions;
  /** Which of the workbench's sessions runs it; `explain` by default. */
  readonly session?: SessionUse;
}

/** Refuses what can be refused before anything is read, and starts loading the network in a thread of its own. */
export async function beginRun(
  imagePath: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks,
): Promise<RunContext> {
  const run = await planRun(imagePath, options, bench, hooks);
  if (!existsSync(imagePath)) return run;
  const asked = bench.warmUp(run.weights, run.prepare, run.placement);
  // What comes next loads the decoder of pictures, which blocks this thread: the other one is to have work by then. Where somebody
  // watches, the picture comes first, since large weights take a while to hash.
  if (hooks.partial === undefined) await asked;
  return run;
}

/** Refuses what can be refused before anything is read. */
export async function planRun(
  imagePath: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks,
): Promise<RunContext> {
  bench.expect();
  const startedAt = now();
  const log = new ProcessLog();
  const note = (line: string): void => log.add('INFO', line);
  note(`${imagePath}: lens ${options.lens ?? options.pipeline ?? 'not asked for'}`);
  const watch = new Stopwatch(hooks.progress, undefined, note);
  const device = await bench.device(options.device);
  const placement = {
    ...{ provider: device.provider, threads: options.threads },
    spinning: hooks.several !== true,
  };
  const lens = await chooseLens(options, bench.store, (look) => hooks.weights?.resolve(look) ?? look(), {
    trusted: hooks.trusted !== false,
  });
  const { weights, plan } = lens;
  for (const { provider, reason } of device.passedOver) note(`device ${provider} passed over: ${reason}`);
  note(`device ${device.provider}, weights ${weights.name}, lens ${lens.id}`);
  const { size, threshold, methods, activation, layers, outputName } = plan;
  const prepare = {
    ...{ inputSize: size, methods, activation, layers, outputName, memoryLimit: options.memoryLimit },
    ...(threshold === null ? {} : { threshold }),
  };
  return {
    ...{ imagePath, options, hooks, signal: hooks.signal, bench, startedAt, log, watch },
    ...{ device, placement, lens, weights, prepare },
  };
}

/** @param work given a promise that resolves once it has settled: the network stays loaded until then */
export async function untilSettled<T>(work: (end: Promise<void>) => Promise<T>): Promise<T> {
  let settled = (): void => undefined;
  const end = new Promise<void>((resolve) => (settled = resolve));
  try {
    return await work(end);
  } finally {
    settled();
  }
}

/** A step that waits for its lock first; waiting is not a step's time. @param announce see `Stopwatch.step` */
export function inTurn<T>(
  { watch, signal }: Pick<RunContext, 'watch' | 'signal'>,
  lock: Mutex,
  [step, message, announce = true]: readonly [step: AnalysisStep, message: string, announce?: boolean],
  work: () => Promise<T>,
): Promise<T> {
  watch.stop();
  return lock.pass(async () => {
    watch.step(step, message, announce);
    try {
      return await work();
    } finally {
      watch.stop(); // the next holder may begin before this one continues
    }
  }, signal);
}
