/** What the user sees of a finished evaluation: a few lines, or one line of JSON. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishedEvaluation } from '../evaluation/run';
import type { Summary } from '../evaluation/summary/facts';
import { percent } from '../evaluation/summary/markdown';
import { SUMMARY } from '../evaluation/summary/summary';
import { printable, printableJson } from '../printable';

export async function showEvaluation(
  { folder, wasThere }: FinishedEvaluation,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): Promise<void> {
  const summary = JSON.parse(await readFile(join(folder, SUMMARY), 'utf8')) as Summary;
  if (json) process.stdout.write(`${printableJson({ ok: true, folder, summary })}\n`);
  else if (!quiet) process.stdout.write(printable(`${lines(folder, summary, wasThere).join('\n')}\n`));
}

function lines(folder: string, summary: Summary, wasThere: boolean): readonly string[] {
  const { rows, metrics, unmeasured, order, suspects, layers } = summary;
  const without = rows.undecided === 0 ? '' : `, ${rows.undecided} without a verdict`;
  const said = [`${rows.all} pictures, ${rows.failed} could not be evaluated${without}`];
  if (wasThere) said.push('this evaluation was there already: nothing was computed');
  if (unmeasured !== null) said.push(`no metrics: ${unmeasured}`);
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
    said.push(
      `${shown.join(', ')} (of ${metrics.rows} pictures)`,
      ...metrics.undefined.map((reason) => `  ${reason}`),
    );
  }
  if (order?.better != null)
    said.push(
      `${percent(order.asLabelled)} as labelled, ${percent(order.better.accuracy)} if ${order.better.supposition}`,
    );
  if (suspects !== null && suspects.count > 0) said.push(`${suspects.count} suspected label errors`);
  for (const { name, border, box, blank } of layers) {
    const inBox = box === null ? '' : `, ${percent(box)} in the box`;
    const nothing = blank === 0 ? '' : `, ${blank} blank`;
    if (border !== null)
      said.push(`${name}: ${percent(border)} of the heatmap in the border${inBox}${nothing}`);
  }
  return [...said, folder];
}
