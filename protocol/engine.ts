/** The messages between the supervisor and the engine, its child process, each with its direction. */
import type { Progress } from './analysis';
import type { Failure } from './failure';
import type { AnalysisOptions } from './options';
import type {
  AnswerOf,
  CheckedParams,
  JobId,
  Lane,
  Parameters,
  ParametersOf,
  PartialReport,
  RequestKey,
  requests,
} from './requests';

type Rows = typeof requests;

/** The requests that an engine performs. */
export type TaskKind = {
  [K in RequestKey]: Rows[K]['lane'] extends Exclude<Lane, 'none'> ? K : never;
}[RequestKey];

type GivenOf<P extends Parameters> = {
  readonly [N in Exclude<keyof P, 'job'>]: P[N]['kind'] extends { readonly is: 'options' }
    ? AnalysisOptions
    : CheckedParams<P>[N];
};

/** What a task is given: its request's parameters, but the options whole, with what the settings say. */
export type TaskGiven<K extends TaskKind> = GivenOf<ParametersOf<K>> &
  (K extends
    | 'analyze'
    | 'verdict'
    | 'callTool'
    | 'evaluate'
    | 'importModel'
    | 'modelFeeding'
    | 'checkLens'
    | 'createLens'
    ? Trusting
    : unknown) &
  (K extends 'analyze' ? Ahead : unknown) &
  (K extends 'evaluate' ? Queued : unknown) &
  (K extends 'runCheck' ? { readonly options: AnalysisOptions } : unknown);

/** What only the server knows about the workspace; no request can set it. */
interface Trusting {
  /** False where files that nobody named, such as those beside weights, are not to be read; true by default. */
  readonly trusted?: boolean;
}

/** What the settings say. */
interface Ahead {
  /** Whether the likely other target is computed once nothing is requested; false by default. */
  readonly ahead?: boolean;
}

/** What the settings say. */
interface Queued {
  /**
   * Queue whose workers evaluate; null if this machine does everything itself. The password is in the
   * environment.
   */
  readonly queueAt?: { readonly address: string | null; readonly name: string } | null;
}

/** One piece of work; `kind` decides what the answer holds. */
export type TaskOf<K extends TaskKind> = { readonly kind: K } & TaskGiven<K>;
export type EngineTask = { [K in TaskKind]: TaskOf<K> }[TaskKind];

export type EngineAnswers = { readonly [K in TaskKind]: AnswerOf<K> };
export type EngineAnswer = EngineAnswers[TaskKind];

/** Supervisor -> engine. */
export type ToEngine =
  | { readonly type: 'run'; readonly job: JobId; readonly task: EngineTask }
  | { readonly type: 'cancel'; readonly job: JobId }
  | { readonly type: 'shutdown' };

/** Engine -> supervisor. */
export type FromEngine =
  | { readonly type: 'ready'; readonly pid: number; readonly node: string }
  /** The task has arrived. */
  | { readonly type: 'started'; readonly job: JobId }
  /** Every few seconds during a task: this process still runs. */
  | { readonly type: 'alive' }
  | { readonly type: 'progress'; readonly job: JobId; readonly progress: Progress }
  | { readonly type: 'partial'; readonly job: JobId; readonly folder: string; readonly report: PartialReport }
  | { readonly type: 'log'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  | { readonly type: 'done'; readonly job: JobId; readonly answer: EngineAnswer }
  | { readonly type: 'failed'; readonly job: JobId; readonly failure: Failure };
