/** What is asked of an analysis, in the same words by the editor, the command line and the engine. */
import type { BoxReport } from './report-values';
import type {
  ActivationChoice,
  AnalysisStep,
  CamMethod,
  CropMode,
  DetectorChoice,
  DeviceChoice,
} from './vocabulary';

/** Of `AnalysisOptions.maxSize`, in pixels. */
export const maxSizeRange = [32, 16384] as const;

/** Of `AnalysisOptions.memoryLimit`, in MB of 10^6 bytes: up to 16 TB. */
export const memoryLimitRange = [16, 16e6] as const;

export interface AnalysisOptions {
  /** Name of a pipeline in models/pipelines; null is `fsbi` for the network that is its own, and for no other. */
  readonly pipeline: string | null;
  /** An id of the model store, a path, or null for the pipeline's default (seeded demo weights if none was chosen). */
  readonly weights: string | null;
  /** An architecture's id, for weights whose file cannot tell; null recognises it. */
  readonly architecture: string | null;
  /** Which state dict of a checkpoint that holds several: "model", "state_dict.ema"; null takes the usual one. */
  readonly stateDict: string | null;
  /** A class label, a class index written in digits, or `pred`; null is the pipeline's own. */
  readonly target: string | null;
  /** What makes probabilities of the outputs. */
  readonly activation: ActivationChoice;
  readonly detector: DetectorChoice;
  /** A face box given by hand: takes the place of detection. */
  readonly box: BoxReport | null;
  /** Null is the pipeline's own. */
  readonly crop: CropMode | null;
  /** Longest side that RetinaFace sees, within `maxSizeRange`; null lets the network decide. */
  readonly maxSize: number | null;
  readonly methods: readonly CamMethod[];
  readonly device: DeviceChoice;
  /** Null lets the runtime choose. */
  readonly threads: number | null;
  /** MB that a network may take; null is half of what the process may have. Decides only whether it is run. */
  readonly memoryLimit: number | null;
  /** Folder under which report folders are made. */
  readonly output: string;
}

export interface Progress {
  readonly step: AnalysisStep;
  /** Those that have ended. */
  readonly done: readonly AnalysisStep[];
  /** 0..1 over the whole analysis; never falls. */
  readonly fraction: number;
  /** What happens right now, such as `Grad-CAM of 46 layers on cpu`. */
  readonly message: string;
}
