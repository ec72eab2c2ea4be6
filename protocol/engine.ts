/** The messages between the supervisor and the engine, its child process, each with its direction. */
import type { AnalysisOptions, Progress } from './analysis';
import type { Failure } from './failure';
import type {
  CudaPlan,
  DoctorLine,
  FinishedReport,
  JobId,
  LayerDetails,
  ModelSummary,
  PartialReport,
} from './requests';

/** One piece of work; `kind` decides what the answer holds. */
export type EngineTask =
  | { readonly kind: 'analyze'; readonly image: string; readonly options: AnalysisOptions }
  | {
      readonly kind: 'layerDetails';
      readonly folder: string;
      readonly layer: string;
      readonly channels: number;
    }
  | { readonly kind: 'listModels' }
  | {
      readonly kind: 'importModel';
      readonly path: string;
      readonly id: string | null;
      readonly stateDict: string | null;
    }
  | { readonly kind: 'downloadModel'; readonly id: string }
  | { readonly kind: 'planCuda' }
  | { readonly kind: 'installCuda' }
  | { readonly kind: 'doctor' };

export interface EngineAnswers {
  readonly analyze: FinishedReport;
  readonly layerDetails: LayerDetails;
  readonly listModels: readonly ModelSummary[];
  readonly importModel: ModelSummary;
  readonly downloadModel: ModelSummary;
  readonly planCuda: CudaPlan;
  readonly installCuda: null;
  readonly doctor: readonly DoctorLine[];
}

export type EngineAnswer = EngineAnswers[keyof EngineAnswers];

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
