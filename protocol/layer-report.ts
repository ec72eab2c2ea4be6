/** The layers of report.json: statistics, heatmaps, and where their raw maps are. */
import type { Range, Real, RelativePath } from './report-values';
import type { CamMethod, HealthMark } from './vocabulary';

/** A slice of `mapsFile`: `width * height` float32 values from byte `offset`, row-major. */
export interface MapSlice {
  readonly offset: number;
  readonly width: number;
  readonly height: number;
}

export interface LayerReport {
  readonly name: string;
  /** Folder of its artifacts under the report folder. */
  readonly folder: RelativePath;
  /** With the batch dimension, such as [1, 48, 190, 190]. */
  readonly shape: readonly number[];
  readonly operator: string;
  /** Of tokens and of channels last: the map that the shape is read as. */
  readonly grid?: {
    readonly height: number;
    readonly width: number;
    /** Class and register tokens before the patches, which are not part of the map. */
    readonly skipped: number;
  };
  /** `/home/me/net.py:27`: the line of the network's source that makes it, where the file says so. */
  readonly source?: string;
  readonly activation: Range & {
    /** Share of exact zeros, 0..1. */
    readonly zeros: Real;
    readonly nan: number;
    readonly inf: number;
    readonly picture: RelativePath;
    /** Channel mean of the activation; for a vector, its values as one row. */
    readonly map: MapSlice;
  };
  /** Mean gradient of the target logit per channel (Grad-CAM's weights): `width` is the channel count, `height` 1. */
  readonly channelWeights: MapSlice;
  /** Why there are no heatmaps: an operator between the layer and the logits has no gradient. Absent where there are. */
  readonly unexplained?: string;
  /** By method, in the order of `Report.methods`; none where `unexplained` says why. */
  readonly heatmaps: readonly HeatmapReport[];
  readonly health: readonly HealthMark[];
}

export interface HeatmapReport {
  readonly method: CamMethod;
  readonly picture: RelativePath;
  /** The raw class activation map before ReLU and before any scaling. */
  readonly map: MapSlice;
  /** Of the map after ReLU, before scaling: what the heatmap's full color stands for. */
  readonly cam: Range;
  /** Share of the map that was negative before ReLU, 0..1. */
  readonly negative: Real;
  /** True where the picture shows nothing because max - min <= 1e-8. */
  readonly blank: boolean;
}
