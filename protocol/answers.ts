/** Answers to requests, and what is published of an analysis while it runs. */
import type { Remedy } from './failure';
import type {
  BoxReport,
  EditedReport,
  FaceReport,
  HeatmapReport,
  LayerReport,
  MapSlice,
  Real,
  Report,
} from './report';
import type { DetectorId, SnippetLibrary } from './vocabulary';

export interface FinishedReport {
  /** Absolute path of the report folder. */
  readonly folder: string;
  readonly report: Report;
}

/**
 * A layer whose numbers are known. Whether a heatmap shows anything is seen when it is drawn: null until then, and from then
 * on the layer's pictures are on disk.
 */
export type PartialLayer = Omit<LayerReport, 'heatmaps'> & {
  readonly heatmaps: readonly (Omit<HeatmapReport, 'blank'> & { readonly blank: boolean | null })[];
  /** False until its pictures are on disk. */
  readonly drawn?: false;
};

/**
 * Raw maps, one behind the other in the order of their slices: float32, little-endian, as base64, since the protocol of language servers is
 * JSON.
 */
export interface MapsBytes {
  readonly slices: readonly MapSlice[];
  readonly base64: string;
}

/**
 * What is known of a running analysis, published as soon as it is known: input, then face and wavelet, then
 * the verdict, then every layer's numbers, then layer after layer its pictures. Files that it names are on disk:
 * pictures of the steps, `mapsFile`, and pictures of the layers that are drawn; only the overlay of the input
 * may still be drawn. Each part replaces what was published of it before; in `layers`, each row replaces the
 * row of the same name.
 */
export type PartialReport = Partial<
  Omit<
    Report,
    | 'version'
    | 'processId'
    | 'timestamp'
    | 'pipeline'
    | 'software'
    | 'layers'
    | 'undrawn'
    | 'notCached'
    | 'timings'
    | 'options'
  >
> & {
  readonly layers?: readonly PartialLayer[];
  /** Heatmap and activation of the layer that is shown first, out of `mapsFile`; beside `layers`. */
  readonly maps?: MapsBytes;
};

export interface LayerDetails {
  readonly layer: string;
  /** Counts of the activation's values in equal bins between `min` and `max`. */
  readonly histogram: { readonly min: number; readonly max: number; readonly counts: readonly number[] };
  /** In descending order of their share of the class activation map's absolute sum. */
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

/** One page of a layer's channels. */
export interface LayerChannels {
  readonly layer: string;
  /** Rank of the first of them, from 0. */
  readonly from: number;
  /** How many the layer has. */
  readonly total: number;
  /** Rank of the next page's first channel; null where this is the last. */
  readonly next: number | null;
  /** In descending order of their share of the Grad-CAM map's absolute sum. */
  readonly channels: readonly LayerChannel[];
}

export interface LayerChannel {
  readonly index: number;
  /** Grad-CAM's weight: the mean of the target logit's gradient over the channel. */
  readonly weight: Real;
  /** This channel's sum of w*A over the sum of |w*A| of all channels, -1..1. */
  readonly contribution: Real;
  /** Of the gradient over the channel; `negative` is the share of its values below zero. Null where no gradient passes. */
  readonly gradient: { readonly min: Real; readonly max: Real; readonly negative: number } | null;
  readonly width: number;
  readonly height: number;
  /** Row-major float32 values, little-endian, base64. */
  readonly map: string;
}

/** What a network decides of a picture that is being edited. */
export interface QuickVerdict {
  /** As a report has it. */
  readonly classifier: Report['classifier'];
  /** Untrained weights, which say nothing about the image. */
  readonly untrained: boolean;
  readonly detector: DetectorId;
  /** All that were found; the first was looked at. */
  readonly faces: readonly Pick<FaceReport, 'box' | 'score'>[];
  /** What was cut out, in whole pixels of the picture. */
  readonly crop: BoxReport;
  /** Null where nothing is painted over. */
  readonly edited: Pick<EditedReport, 'strokes' | 'pixels'> | null;
}

/** A picture to be looked at. */
export interface FilePicture {
  /** Of the image itself, which the answer may be a smaller picture of. */
  readonly width: number;
  readonly height: number;
  /** base64. */
  readonly png: string;
}

/** A script, and what it reads. */
export interface PythonSnippet {
  readonly library: SnippetLibrary;
  readonly text: string;
  /** Absolute paths of the files that were written for the script. */
  readonly files: readonly string[];
}

export interface StepPictures {
  readonly step: number;
  /**
   * The step's own pictures, else its output, scaled from black (the smallest value) to white (the largest).
   */
  readonly pictures: readonly {
    readonly name: string;
    readonly title: string;
    readonly width: number;
    readonly height: number;
    /** base64. */
    readonly png: string;
  }[];
}

export interface ModelSummary {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  readonly architecture: string;
  readonly title: string;
  readonly installed: boolean;
  readonly untrained: boolean;
  readonly license: string;
  readonly source: string | null;
  readonly downloadable: boolean;
  /** Of a file in the store. */
  readonly stored?: {
    readonly fileName: string;
    readonly bytes: number;
    /** ISO 8601. */
    readonly importedAt: string;
  };
  /** Of a file just imported that holds several: the one that is read, and the others. */
  readonly stateDicts?: { readonly read: string; readonly others: readonly string[] };
}

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
  /** Approximate size of the download. */
  readonly megabytes: number;
  /** Absolute path of the folder that they are installed in. */
  readonly folder: string;
}

/** A set that was evaluated, or was there already. */
export interface FinishedSet {
  /** `evaluation` in the folder that was named. */
  readonly folder: string;
  /** Nothing had to be computed. */
  readonly wasThere: boolean;
  /** What the reader should know, in sentences. */
  readonly notes: readonly string[];
}

/** A lens that names other labels now. */
export interface SetLabels {
  readonly lens: string;
  /** It was not there before. */
  readonly isNew: boolean;
  /** How many there are. */
  readonly labels: number;
}

/** A lens whose labels were put into the order that an evaluation found. */
export interface AdoptedOrder {
  readonly lens: string;
  /** It was not there before. */
  readonly isNew: boolean;
  readonly before: readonly string[];
  readonly after: readonly string[];
}
