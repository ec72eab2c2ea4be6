/** What the user sees of a finished evaluation: a few lines, or one line of JSON. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../errors';
import type { FinishedEvaluation } from '../evaluation/run';
import type { Summary } from '../evaluation/summary/facts';
import { percentage } from '../../../protocol/percentage';
import { SUMMARY } from '../evaluation/summary/summary';
import { oneLine, printableJson } from '../printable';
import { DONE, exitCodes } from './exit-codes';
import { failureLine } from './remedies';
import { Terminal } from './terminal';

/** Returns the exit code: not 0 for a table in which no picture could be evaluated, though it is written. */
export async function showEvaluation(
  { folder, wasThere }: FinishedEvaluation,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): Promise<number> {
  const summary = JSON.parse(await readFile(join(folder, SUMMARY), 'utf8')) as Summary;
  const failure = allFailed(folder, summary);
  if (json) {
    const outcome = failure === null ? { ok: true } : { ok: false, failure: failureLine(failure) };
    process.stdout.write(`${printableJson({ ...outcome, folder, summary })}\n`);
  } else if (!quiet) process.stdout.write(evaluationText(folder, summary, wasThere));
  if (failure === null) return DONE;
  new Terminal(quiet).failure(null, failure);
  return exitCodes[failure.kind];
}

function allFailed(folder: string, { rows, errors }: Summary): LensError | null {
  if (rows.all === 0 || rows.failed < rows.all) return null;
  const [first] = errors;
  const example = first === undefined ? '' : ` The first is ${first.path}: ${first.error}`;
  return new LensError(
    'image',
    `${folder}: expected pictures that can be evaluated, found none among ${rows.all}.${example}`,
    { fix: 'The column error of the table says why, picture by picture.' },
  );
}

/** One line for each fact: names of classes and layers may hold line breaks, but make no lines. */
export const evaluationText = (folder: string, summary: Summary, wasThere: boolean): string =>
  `${lines(folder, summary, wasThere).map(oneLine).join('\n')}\n`;

function lines(folder: string, summary: Summary, wasThere: boolean): readonly string[] {
  const { rows, metrics, unmeasured, order, suspects, layers, duplicates } = summary;
  const without = rows.undecided === 0 ? '' : `, ${rows.undecided} without a verdict`;
  const lines = [`${rows.all} pictures, ${rows.failed} could not be evaluated${without}`];
  if (wasThere) lines.push('this evaluation already exists: nothing was computed');
  if (summary.video !== undefined) {
    const { score, scored, aggregate, frames, without, tracks } = summary.video;
    const of = aggregate === 'sbi' ? 'mean over frames of the largest over faces' : 'mean over all faces';
    const followed = tracks === 0 ? '' : `, ${tracks} faces followed`;
    lines.push(
      `score ${score === null ? 'not defined' : score.toFixed(4)}: probability of ${scored}, ${of}`,
      `${frames} frames, ${without} without a score${followed}`,
    );
  } else if (unmeasured !== null) lines.push(`no metrics: ${unmeasured}`);
  if (summary.several !== undefined) {
    const { rows: of, subsetAccuracy, hammingLoss, micro, macro } = summary.several;
    const number = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(4));
    lines.push(
      `micro F1 ${number(micro.f1)}, macro F1 ${number(macro.f1)}, mean average precision ${number(macro.averagePrecision)}, ` +
        `subset accuracy ${number(subsetAccuracy)}, Hamming loss ${number(hammingLoss)} (of ${of} pictures)`,
    );
  }
  if (metrics !== null) {
    const { accuracy, logLoss, ece, macro } = metrics;
    const values = [
      ['accuracy', accuracy],
      ['mean F1', macro.f1],
      ['mean ROC AUC', macro.rocAuc],
      ['log loss', logLoss],
      ['ECE', ece],
    ] as const;
    const shown = values.map(
      ([name, value]) => `${name} ${value === null ? 'not defined' : value.toFixed(4)}`,
    );
    lines.push(
      `${shown.join(', ')} (of ${metrics.rows} pictures)`,
      ...metrics.undefined.map((reason) => `  ${reason}`),
    );
  }
  if (order?.better != null)
    lines.push(
      `${percentage(order.asLabelled)} as labeled, ${percentage(order.better.accuracy)} if ${order.better.supposition}`,
    );
  if (suspects !== null && suspects.count > 0) lines.push(`${suspects.count} suspected label errors`);
  if (duplicates !== undefined && duplicates.groups > 0) {
    const { pictures, groups, across, conflicting } = duplicates;
    lines.push(
      `${pictures} pictures are nearly the same as others, in ${groups} groups: ${across} in folders for training and for testing, ${conflicting} with labels that differ`,
    );
  }
  for (const { name, border, box, mask, blank } of layers) {
    const inBox = box === null ? '' : `, ${percentage(box)} in the box`;
    const inMask = mask === null ? '' : `, ${percentage(mask)} in the mask`;
    const nothing = blank === 0 ? '' : `, ${blank} blank`;
    if (border !== null)
      lines.push(`${name}: ${percentage(border)} of the heatmap in the border${inBox}${inMask}${nothing}`);
  }
  return [...lines, folder];
}
