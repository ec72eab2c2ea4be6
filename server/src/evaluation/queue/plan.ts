/** What every worker of a queue needs, once for all jobs. */
import type { AnalysisOptions } from '../../../../protocol/options';
import { LensError } from '../../errors';
import type { Region } from '../heat';
import type { TableHead } from '../row';

/** Version of what is stored in Redis, so that workers of another version do not touch it. */
export const FORMAT = 1;

export interface Plan {
  readonly format: number;
  readonly software: string;
  /** Identifies the evaluation, so that leftovers of another one are not mistaken for its own. */
  readonly token: string;
  readonly head: TableHead;
  readonly options: AnalysisOptions;
  /** Folder of the pictures on the machine that filled the queue. */
  readonly root: string;
  readonly attentionBox: Region | null;
  /** Folder of the masks there; null where none are measured. */
  readonly attentionMask: string | null;
  readonly allowHuge: boolean;
  /** Pictures in a job; the last job has the rest. */
  readonly jobSize: number;
  readonly jobs: number;
  /** Some pictures that existed when the queue was filled: a worker that does not see them does not see the folder. */
  readonly witnesses: readonly Witness[];
}

export interface Witness {
  readonly path: string;
  readonly bytes: number;
  /** Of its content, in hex: pictures of one size without compression have the same length. */
  readonly sha256: string;
}

/** One picture of a job: path, label, and its class; and its address if it is fetched. */
export type Task = readonly [path: string, label: string | null, labelIndex: number | null, address?: string];

/** Rows of a job. */
export const rangeOfJob = (
  { jobSize, head }: Pick<Plan, 'jobSize' | 'head'>,
  job: number,
): { from: number; to: number } => ({
  from: job * jobSize,
  to: Math.min((job + 1) * jobSize, head.set.count),
});

/** @throws LensError of kind `usage` for a queue that was filled by another version, or by something else */
export function parsePlan(text: string, where: string): Plan {
  const plan = jsonOf(text) as Partial<Plan> | null;
  if (plan?.format !== FORMAT || typeof plan.token !== 'string' || typeof plan.head !== 'object') {
    throw new LensError(
      'usage',
      `${where}: expected a queue of version ${FORMAT}, found one of version ${String(plan?.format ?? 'unknown')}, filled by Inference Lens ${plan?.software ?? 'unknown'}.`,
      { fix: 'Run the same version of Inference Lens everywhere.', remedies: ['other-queue'] },
    );
  }
  return plan as Plan;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
