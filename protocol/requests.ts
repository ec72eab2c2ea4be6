/** The requests and notifications between editor and server, each written once with its direction. */
import type { AnalysisOptions, Progress } from './analysis';
import type { Outcome, Remedy } from './failure';
import type { CamMethod, HeatmapReport, LayerReport, Report } from './report';

/** A request's name carries the types of its parameters and answer. */
export interface RequestName<Params, Answer> {
  readonly method: string;
  /** Never set: holds the types. */
  readonly types?: (params: Params) => Answer;
}

export interface NotificationName<Params> {
  readonly method: string;
  readonly types?: (params: Params) => void;
}

const request = <Params, Answer>(method: string): RequestName<Params, Outcome<Answer>> => ({ method });
const notification = <Params>(method: string): NotificationName<Params> => ({ method });

/** A run of the engine, named by the client so that progress and cancellation can refer to it. */
export type JobId = string;

export interface AnalyzeParams {
  readonly job: JobId;
  /** Absolute path of the image. */
  readonly image: string;
  /** What differs from the settings. */
  readonly options: Partial<AnalysisOptions>;
}

export interface FinishedReport {
  /** Absolute path of the report folder. */
  readonly folder: string;
  readonly report: Report;
}

/** Client -> server. Analyses one image; the answer comes when the report is on disk. */
export const analyze = request<AnalyzeParams, FinishedReport>('lens/analyze');

export interface RetargetParams {
  readonly job: JobId;
  /** Absolute path of the report whose image and settings are taken. */
  readonly folder: string;
  readonly target: string;
  readonly methods: readonly CamMethod[];
}

/** Client -> server. The same image and weights with another target or methods, as a new report. */
export const retarget = request<RetargetParams, FinishedReport>('lens/retarget');

/**
 * Client -> server. The workspace, which `initializationOptions` said was not trusted (`trusted: false`), is from now on. Until then other targets
 * and layer details are only given of reports that the server wrote itself.
 */
export const trustGranted = notification<null>('lens/trustGranted');

/** Client -> server. Stops a job; the job's own request then answers `cancelled`. */
export const cancel = request<{ readonly job: JobId }, null>('lens/cancel');

/**
 * A layer whose numbers are known. Whether a heatmap shows anything is seen when it is drawn: null until then, and from then
 * on the layer's pictures are on disk.
 */
export type PartialLayer = Omit<LayerReport, 'heatmaps'> & {
  readonly heatmaps: readonly (Omit<HeatmapReport, 'blank'> & { readonly blank: boolean | null })[];
};

/**
 * What became known of an analysis that still runs, told as soon as it is: input, then face and wavelet, then verdict and
 * every layer's numbers, then layer after layer its pictures. What is named is on disk: pictures of the steps, `mapsFile`,
 * and pictures of the layers that are drawn; only the overlay of the input may still be drawn. Each part takes the place of
 * what was told of it before; of `layers`, each row that of the row with its name.
 */
export type PartialReport = Partial<
  Pick<
    Report,
    | 'input'
    | 'detection'
    | 'preprocess'
    | 'classifier'
    | 'target'
    | 'model'
    | 'device'
    | 'methods'
    | 'mapsFile'
    | 'warnings'
  >
> & {
  readonly layers?: readonly PartialLayer[];
};

/** Server -> client. A step began or went on. */
export const progress = notification<{ readonly job: JobId; readonly progress: Progress }>('lens/progress');

/** Server -> client. More became known; pictures lie under `folder` until the report is complete and renamed. */
export const partial = notification<{
  readonly job: JobId;
  readonly folder: string;
  readonly report: PartialReport;
}>('lens/partial');

export interface LayerDetailsParams {
  readonly job: JobId;
  readonly folder: string;
  readonly layer: string;
  /** How many of the channels with the largest contribution to return. */
  readonly channels: number;
}

export interface LayerDetails {
  readonly layer: string;
  /** Counts of the activation's values in equal bins between `min` and `max`. */
  readonly histogram: { readonly min: number; readonly max: number; readonly counts: readonly number[] };
  /** By falling share of the class activation map's absolute sum. */
  readonly channels: readonly {
    readonly index: number;
    readonly weight: number;
    /** This channel's sum of w*A over the sum of |w*A| of all channels, -1..1. */
    readonly contribution: number;
    readonly width: number;
    readonly height: number;
    /** Row-major float32 values, little-endian, base64. */
    readonly map: string;
  }[];
}

/** Client -> server. What the inspector shows of one layer beyond the report; computed on demand. */
export const layerDetails = request<LayerDetailsParams, LayerDetails>('lens/layerDetails');

export interface ModelSummary {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  readonly architecture: string;
  readonly title: string;
  readonly installed: boolean;
  readonly untrained: boolean;
  readonly licence: string;
  readonly source: string | null;
  readonly downloadable: boolean;
  /** Of a file just imported that holds several: the one that is read, and the others. */
  readonly stateDicts?: { readonly read: string; readonly others: readonly string[] };
}

/** Client -> server. Every model of the store and every card. */
export const listModels = request<Record<string, never>, readonly ModelSummary[]>('lens/models/list');

/** Client -> server. Reads a checkpoint, recognises it and keeps it in the store. */
export const importModel = request<
  {
    readonly job: JobId;
    readonly path: string;
    readonly id: string | null;
    /** Of a file that holds several; null, or absent, takes the usual one. */
    readonly stateDict?: string | null;
  },
  ModelSummary
>('lens/models/import');

/** Client -> server. Downloads the weights of a card. */
export const downloadModel = request<{ readonly job: JobId; readonly id: string }, ModelSummary>(
  'lens/models/download',
);

export interface DoctorLine {
  readonly topic: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly text: string;
  readonly fix: string | null;
  /** As in `Failure`. */
  readonly remedies?: readonly Remedy[];
}

export interface CudaPlan {
  /** Host from which the libraries are fetched. */
  readonly from: string;
  /** How much is fetched, about. */
  readonly megabytes: number;
  /** Absolute path of where they are put. */
  readonly folder: string;
}

/** Client -> server. What installing the runtime's CUDA libraries would do; fails where it cannot be done. Changes nothing. */
export const planCuda = request<Record<string, never>, CudaPlan>('lens/cuda/plan');

/** Client -> server. Fetches the runtime's CUDA libraries and puts them into place, whole or not at all. */
export const installCuda = request<{ readonly job: JobId }, null>('lens/cuda/install');

/** Client -> server. Versions, devices and why each is or is not available, cache, models. */
export const doctor = request<Record<string, never>, readonly DoctorLine[]>('lens/doctor');
