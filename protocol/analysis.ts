/** How far an analysis has come, in the same words in every front end. */
import type { AnalysisStep } from './vocabulary';

export type { AnalysisOptions } from './options';

export interface Progress {
  readonly step: AnalysisStep;
  /** Steps that are done. */
  readonly done: readonly AnalysisStep[];
  /** 0..1 over the whole analysis; never falls. */
  readonly fraction: number;
  /** What is happening, such as `Grad-CAM of 46 layers on cpu`. */
  readonly message: string;
}
