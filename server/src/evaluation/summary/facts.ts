/** The form of `summary.json`: every number once, null where it is not defined, and `undefined` says why. */
export type {
  ClassSummary,
  DuplicateSummary,
  VideoSummary,
  LayerSummary,
  Metrics,
  SeveralMetrics,
  Summary,
  SuspectSummary,
  WorstCase,
} from '../../../../protocol/evaluation';
