/** The request of an evaluation, its events while it runs, and its result. */
import type { AnalysisOptions } from '../../../protocol/options';
import type { Region } from './heat';
import type { SetRequest } from './labels/read-set';
import type { Row, TableHead } from './row';
import type { Shard } from './shard';
import type { VideoRequest } from './video/video-request';

export interface EvaluationRequest {
  readonly set: SetRequest;
  /** With `layers` null, only verdicts are computed. */
  readonly options: AnalysisOptions;
  readonly output: string;
  readonly shard: Shard | null;
  /** Starts over, discarding what exists. */
  readonly replace: boolean;
  /** From labels of the set to classes. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly attentionBox: Region | null;
  /** Folder with a mask for each picture. */
  readonly attentionMask: string | null;
  readonly allowHuge: boolean;
  /** If the source is a video; the defaults if left out. */
  readonly video?: VideoRequest;
}

export interface EvaluationHooks {
  readonly signal?: AbortSignal;
  /** False if files that nobody named, such as those beside weights, must not be read; true by default. */
  readonly trusted?: boolean;
  /** The network is loaded; `done` of `total` pictures, or frames, are there from an earlier run. */
  readonly begin?: (total: number, done: number, head: TableHead) => void;
  /** @param isLast of its picture or frame: one with several faces has several rows */
  readonly row?: (row: Row, isLast: boolean) => void;
  /** A sentence that the reader should know. */
  readonly note?: (text: string) => void;
}

export interface FinishedEvaluation {
  readonly folder: string;
  readonly head: TableHead;
  /** The evaluation already existed. */
  readonly wasThere: boolean;
}
