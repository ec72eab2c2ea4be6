/** The summary of an evaluation, and its rows as the editor's view receives them: column by column. */
import type { Real } from './report-values';

/** One bin of the calibration. */
export interface Bin {
  readonly count: number;
  /** Mean confidence, and share of right verdicts; null of an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface ClassMetrics {
  /** Rows with this label. */
  readonly support: number;
  /** Rows with this verdict. */
  readonly verdicts: number;
  /** Right verdicts / verdicts; null where nothing was given this verdict. */
  readonly precision: number | null;
  /** Right verdicts / rows with the label; null where no row has it. */
  readonly recall: number | null;
  /** 2 tp / (support + verdicts); null where both are zero. */
  readonly f1: number | null;
}

export interface ClassOrder {
  /** The assumption, as a clause that follows "if". */
  readonly supposition: string;
  /** Names of the network's outputs, by index, as they would then be. */
  readonly labels: readonly string[];
  readonly accuracy: number;
}

export interface OrderFinding {
  readonly asLabelled: number;
  /** The order under which most verdicts are right; null where no other is clearly better. */
  readonly better: ClassOrder | null;
}

export interface MeanHeat {
  readonly name: string;
  readonly count: number;
  /** Shares of an 8 x 8 grid, row by row. */
  readonly grid: readonly number[];
}

export interface ClassSummary extends ClassMetrics {
  readonly index: number;
  readonly label: string;
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
}

export interface Metrics {
  /** Rows with a label and a verdict: what every metric is of. */
  readonly rows: number;
  readonly accuracy: number | null;
  readonly topFiveAccuracy: number | null;
  /** Means over the classes that have a value. */
  readonly macro: {
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
    readonly rocAuc: number | null;
  };
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly ece: number | null;
  readonly calibration: readonly Bin[];
  /** Classes that some row is labeled with, or got as its verdict. */
  readonly classes: readonly ClassSummary[];
  /** Label, verdict, count: cells that are not zero. */
  readonly confusion: readonly (readonly [number, number, number])[];
  /** Why numbers are null, and whatever else a reader has to know about them, in sentences. */
  readonly undefined: readonly string[];
}

export interface SuspectSummary {
  readonly path: string;
  readonly label: string;
  readonly guess: string;
  readonly selfConfidence: number;
}

export interface WorstCase {
  readonly path: string;
  readonly label: string;
  readonly predicted: string;
  readonly confidence: number | null;
  readonly loss: Real;
}

export interface LayerSummary {
  readonly name: string;
  /** Pictures whose heatmap has a place: null ones are left out of every mean. */
  readonly rows: number;
  /** Without positive evidence, or with values that are not finite. */
  readonly blank: number;
  /** Means; null of no rows. An even heatmap has 7/16 = 0.4375 in the border. */
  readonly border: number | null;
  readonly box: number | null;
  readonly face: number | null;
  readonly mask: number | null;
  /** All, right, wrong, and by label: those with the most pictures. */
  readonly mean: readonly MeanHeat[];
  /** How many labels there are, also those without a mean here. */
  readonly labels: number;
  /** How often each mark of health was found. */
  readonly health: Readonly<Record<string, number>>;
}

/** Pictures that are nearly the same; how they are found: server/src/evaluation/duplicates/near.ts. */
export interface DuplicateSummary {
  readonly groups: number;
  /** In all groups together. */
  readonly pictures: number;
  /** Groups with more than one label, and with pictures in folders for training and for testing. */
  readonly conflicting: number;
  readonly across: number;
  /** False where too many pictures look alike to compare each with each. */
  readonly complete: boolean;
  /** Those across folders and with conflicting labels first. */
  readonly first: readonly {
    readonly count: number;
    /** Bits of 64 in which pictures that were found near differ at most. */
    readonly distance: number;
    readonly conflicting: boolean;
    readonly across: boolean;
    readonly pictures: readonly {
      readonly row: number;
      readonly path: string;
      readonly label: string | null;
    }[];
  }[];
}

interface SeveralScores {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
}

/** Of pictures with any number of labels each; formulas in server/src/evaluation/metrics/several.ts. */
export interface SeveralMetrics {
  /** Rows with labels and probabilities: what every metric is of. */
  readonly rows: number;
  /** Rows with labels and without probabilities. */
  readonly undecided: number;
  readonly threshold: number;
  /** False where there are too many probabilities for curves. */
  readonly ranked: boolean;
  readonly subsetAccuracy: number;
  readonly hammingLoss: number;
  readonly micro: SeveralScores;
  /** Means over the classes for which each is defined. */
  readonly macro: SeveralScores;
  /** Classes that some row is labeled with, or got as a verdict. */
  readonly classes: readonly ClassSummary[];
}

/** What a video says as a whole; formulas in server/src/evaluation/video/video-scores.ts. */
export interface VideoSummary {
  /** Seconds; null where the file does not say it. */
  readonly duration: number | null;
  /** Seconds between the frames that were looked at; 0 for every frame. */
  readonly every: number;
  readonly frames: number;
  /** Frames without a face, or without probabilities. */
  readonly without: number;
  /** Of all frames together. */
  readonly faces: number;
  /** Faces that were followed; 0 where none are looked for. */
  readonly tracks: number;
  /** The class whose probability is the score, and why it is that one. */
  readonly scored: string;
  readonly why: string;
  /** Which of the two is the score. */
  readonly aggregate: 'sbi' | 'mean';
  /** Null of no faces. */
  readonly scores: { readonly sbi: number | null; readonly mean: number | null };
  readonly score: number | null;
  /** Faces with the largest score, the largest first. */
  readonly strongest: readonly {
    readonly path: string;
    readonly time: number;
    readonly face: number | null;
    readonly score: number;
    /** Of the table. */
    readonly row: number;
    /** x0, y0, x1, y1 in pixels of the frame; null where no face is looked for. */
    readonly box: readonly [number, number, number, number] | null;
    /** The frame as a picture, below the evaluation's folder. */
    readonly file: string;
  }[];
}

export interface Summary {
  readonly version: 1;
  /** Files of `charts/`, with their titles, in the order in which they are shown. */
  readonly charts: readonly { readonly file: string; readonly title: string }[];
  /** How many rows the table has, how many of them failed, have a label, and are undecided. */
  readonly rows: {
    readonly all: number;
    readonly failed: number;
    readonly labelled: number;
    readonly undecided: number;
  };
  /** Why there are no metrics; null where there are. */
  readonly unmeasured: string | null;
  readonly metrics: Metrics | null;
  readonly order: OrderFinding | null;
  readonly suspects: { readonly count: number; readonly first: readonly SuspectSummary[] } | null;
  /** Largest loss first. */
  readonly worst: readonly WorstCase[];
  readonly layers: readonly LayerSummary[];
  readonly warnings: readonly { readonly code: string; readonly count: number; readonly first: string }[];
  readonly errors: readonly { readonly path: string; readonly error: string }[];
  readonly duplicates?: DuplicateSummary;
  /** Of a network and a set of several labels; `metrics` is null then. */
  readonly several?: SeveralMetrics;
  /** Where a video was evaluated. */
  readonly video?: VideoSummary;
}

/** Where an evaluation was made: no part of its table, which is the same on every machine. */
export interface EvaluationPlace {
  /** The folder or manifest that was named. */
  readonly source: string;
  /** Folder from which the paths of rows count. */
  readonly root: string;
  /** The options that differ from the defaults, such as weights and lens. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Shares of a layer's heatmaps, a row each: null of a heatmap without positive evidence; the whole list is null where it was not measured. */
export interface AttentionColumns {
  readonly layer: string;
  readonly border: readonly (number | null)[];
  readonly box: readonly (number | null)[] | null;
  readonly face: readonly (number | null)[] | null;
  readonly mask: readonly (number | null)[] | null;
}

/** The first rows of a table; every list has one value per row, unless it says otherwise. */
export interface EvaluationColumns {
  readonly path: readonly string[];
  /** Every label as it is written, once. */
  readonly labels: readonly string[];
  /** Index into `labels`; -1 where there is none. */
  readonly label: readonly number[];
  /** Class that the label means; -1 where it means none. */
  readonly labelClass: readonly number[];
  /** Class; -1 where there is no verdict. */
  readonly predicted: readonly number[];
  /** 1 right, 0 wrong, -1 where that is not defined. */
  readonly correct: readonly (1 | 0 | -1)[];
  readonly confidence: readonly (number | null)[];
  readonly loss: readonly (Real | null)[];
  /** Of the rows that have some. */
  readonly warnings: readonly (readonly [row: number, codes: readonly string[]])[];
  readonly errors: readonly (readonly [row: number, error: string])[];
  readonly attention: readonly AttentionColumns[];
}

/** A finished evaluation, as it is opened. */
export interface OpenedEvaluation {
  readonly folder: string;
  readonly model: { readonly name: string; readonly sha256: string; readonly architecture: string };
  readonly device: string;
  /** `single`, `binary` or `multi`. */
  readonly kind: string;
  readonly classes: readonly string[];
  readonly threshold: number | null;
  readonly method: string | null;
  /** What the lens says, value by value. */
  readonly lens: readonly { readonly key: string; readonly value: unknown }[];
  /** Null where the table does not say it. */
  readonly place: EvaluationPlace | null;
  readonly summary: Summary;
  readonly columns: EvaluationColumns;
}

/** A picture of the gallery: what the network sees of it, small. */
export interface EvaluationPicture {
  readonly width: number;
  readonly height: number;
  /** RGB, 8 bits, interleaved, in base64. */
  readonly pixels: string;
  /** Of the layer that was requested: shares of an 8 x 8 grid over the picture; null where there is no heatmap. */
  readonly grid: readonly number[] | null;
}
