/** Everything known about one analysis once the network has run: the report is written from it. */
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Report } from '../../../protocol/report';
import type { SampleResult } from '../explain/decode';
import type { GrayImage } from '../imaging/image';
import type { ChosenDevice } from '../runtime/devices';
import type { NodePlacement } from '../runtime/node-placement';
import type { FittedLens } from './choose-lens';
import type { Crop } from './face/crop';
import type { EditedImage } from './edited';
import type { Detection } from './face/detection';
import type { NonFinite } from './reporting/layers';
import type { About } from './network/prepare';
import type { Prepared } from './steps/preprocess';
import type { Weights } from './network/weights';

/** The steps before the network. */
export interface Preprocessed {
  readonly decoded: EditedImage;
  readonly detection: Detection;
  readonly crop: Crop;
  /** Null where landmarks are unknown. */
  readonly mask: GrayImage | null;
  /** The tensor as the network received it, and every step that led to it. */
  readonly prepared: Prepared;
}

/** The run of the network. */
export interface Explained {
  readonly sample: SampleResult;
  /** Only layers that have any. */
  readonly nonFinite: ReadonlyMap<string, NonFinite>;
  /** Null on the CPU, where every node runs on it. */
  readonly placement: NodePlacement | null;
}

export interface Analysis extends Preprocessed, Explained {
  /** What the report says of it. */
  readonly preprocess: Report['preprocess'];
  readonly imagePath: string;
  readonly options: AnalysisOptions;
  readonly lens: FittedLens;
  /** Name of the lens in the report's name. */
  readonly lensId: string;
  readonly device: ChosenDevice;
  readonly weights: Weights;
  readonly about: About;
  readonly labels: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}
