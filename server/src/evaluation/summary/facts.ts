/** The form of `summary.json`: every number once, null where it is not defined, and `undefined` says why. */
import type { Real } from '../../../../protocol/report';
import type { Bin } from '../metrics/probability';
import type { ClassMetrics } from '../metrics/confusion';
import type { OrderFinding } from '../detective/class-order';
import type { MeanHeat } from './charts';

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
  /** Classes that some row is labelled with, or got as its verdict. */
  readonly classes: readonly ClassSummary[];
  /** Label, verdict, count: cells that are not zero. */
  readonly confusion: readonly (readonly [number, number, number])[];
  /** Why numbers are null, in sentences, and what else a reader has to know of them. */
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
  /** All, right, wrong, and by label. */
  readonly mean: readonly MeanHeat[];
  /** How often each mark of health was found. */
  readonly health: Readonly<Record<string, number>>;
}

export interface Summary {
  readonly version: 1;
  /** Rows of the table, and how many of them have what. */
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
}
