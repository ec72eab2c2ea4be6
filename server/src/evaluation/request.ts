/** What is asked of an evaluation, what it says while it runs, and what it ends with. */
import type { AnalysisOptions } from '../../../protocol/options';
import type { Region } from './heat';
import type { SetRequest } from './labels/read-set';
import type { Row, TableHead } from './row';
import type { Shard } from './shard';
import type { VideoRequest } from './video/video-request';

export interface EvaluationRequest {
  readonly set: SetRequest;
  /** Layers null for the verdict alone. */
  readonly options: AnalysisOptions;
  readonly output: string;
  readonly shard: Shard | null;
  /** Begins anew, whatever is there. */
  readonly replace: boolean;
  /** From labels of the set to classes. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly attentionBox: Region | null;
  /** Folder with a mask for each picture. */
  readonly attentionMask: string | null;
  readonly allowHuge: boolean;
  /** Where the source is a video; the defaults where nothing is said. */
  readonly video?: VideoRequest;
}

export interface EvaluationHooks {
  readonly signal?: AbortSignal;
  /** False where files that nobody named, such as those beside weights, are not to be read; true where nothing is said. */
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
  /** Nothing had to be computed. */
  readonly wasThere: boolean;
}
