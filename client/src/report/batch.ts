/** Several images one after the other: which were analyzed, which failed, which were not begun. */
import { basename } from 'node:path';
import type { Failure, Outcome } from '../../../protocol/failure';
import type { FinishedReport } from '../../../protocol/requests';
import { percent, t, whole } from '../l10n';

export interface BatchResult {
  readonly image: string;
  readonly outcome: Outcome<FinishedReport>;
}

export interface Batch {
  /** In the order of the images; fewer than there were if it was stopped. */
  readonly results: readonly BatchResult[];
  readonly total: number;
}

export interface BatchJob {
  readonly done: Promise<Outcome<FinishedReport>>;
  readonly cancel: () => void;
}

/**
 * One at a time: there is one engine, whose threads one network fills, and an image that is analyzed by itself meanwhile gets
 * its turn after the present one. Ends early when it is stopped, or when no other report could be written either.
 * @param start begins an image, by its place
 * @param onStop is given what stops everything, and returns what ends that
 */
export async function runBatch(
  images: readonly string[],
  start: (image: string, index: number) => BatchJob,
  onStop: (stop: () => void) => () => void,
): Promise<Batch> {
  const results: BatchResult[] = [];
  const stopped = new AbortController();
  for (const [index, image] of images.entries()) {
    const job = start(image, index);
    const forget = onStop(() => {
      stopped.abort();
      job.cancel();
    });
    const outcome = await job.done;
    forget();
    if (outcome.ok || outcome.failure.kind !== 'cancelled') results.push({ image, outcome });
    // A report that was finished at the same moment counts; the next one is not begun.
    if (stopped.signal.aborted || endsAll(outcome)) break;
  }
  return { results, total: images.length };
}

/** Another image may well succeed after most failures. */
const endsAll = (outcome: Outcome<FinishedReport>): boolean =>
  !outcome.ok && (outcome.failure.code === 'disk-full' || outcome.failure.kind === 'cancelled');

const failures = ({ results }: Batch): readonly Failure[] =>
  results.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.failure]));

/** One sentence or two for a message. */
export function batchSummary(batch: Batch): string {
  const { results, total } = batch;
  const failed = failures(batch);
  const left = total - results.length;
  const first = failed[0];
  const sentences = [t('{0} of {1} images analyzed.', whole(results.length - failed.length), whole(total))];
  if (failed.length > 0)
    sentences.push(
      failed.length === 1 && first
        ? t('One failed: {0}', first.message)
        : t('{0} failed.', whole(failed.length)),
    );
  if (left > 0)
    sentences.push(left === 1 ? t('1 was not analyzed.') : t('{0} were not analyzed.', whole(left)));
  return sentences.join(' ');
}

/** A line of the list of reports. */
export function batchLine({ image, outcome }: BatchResult): {
  readonly label: string;
  readonly description: string;
} {
  const name = basename(image);
  if (!outcome.ok) return { label: `$(error) ${name}`, description: outcome.failure.message };
  const { predicted, confidence } = outcome.value.report.classifier;
  const share =
    confidence === null ? '' : ` ${typeof confidence === 'number' ? percent(confidence) : confidence}`;
  const untrained = outcome.value.report.model.untrained ? [t('untrained demo weights')] : [];
  return {
    label: `$(file-media) ${name}`,
    description: [`${predicted.label}${share}`, ...untrained].join(' · '),
  };
}
