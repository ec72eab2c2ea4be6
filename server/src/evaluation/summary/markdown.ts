/** The summary as Markdown: renders `summary.json`, and computes nothing. */
import { percentage } from '../../../../protocol/percentage';
import { escapeInline } from '../../report/escape';
import type { TableHead } from '../row';
import type { Chart } from './charts';
import type { DuplicateSummary, VideoSummary, LayerSummary, Metrics, SeveralMetrics, Summary } from './facts';

/** Most rows of a table in Markdown; `summary.json` has more. */
const MOST_ROWS = 40;

export function summaryMarkdown(summary: Summary, head: TableHead, charts: readonly Chart[]): string {
  const { metrics, order, suspects, worst, layers, warnings, errors, rows, unmeasured, duplicates } = summary;
  const parts = [
    `# Evaluation of ${text(head.model.name)}`,
    `${rows.all} pictures, ${rows.labelled} with a label, ${rows.failed} that could not be evaluated, ${rows.undecided} without a verdict. ` +
      `Network ${text(head.model.architecture)}, weights sha256 ${head.model.sha256.slice(0, 16)}..., on ${text(head.device)}.`,
    ...(summary.video === undefined ? [] : [videoPart(summary.video)]),
    ...(unmeasured === null ? [] : [`**No metrics.** ${unmeasured}`]),
    ...(metrics === null ? [] : metricsPart(metrics)),
    ...(summary.several === undefined ? [] : severalPart(summary.several)),
    ...(order === null ? [] : orderPart(order)),
    ...charts.map(({ file, title }) => `## ${text(title)}\n\n![${text(title)}](charts/${file})`),
    ...(layers.length === 0 ? [] : [layersPart(layers)]),
    ...(suspects === null || suspects.count === 0 ? [] : [suspectsPart(suspects)]),
    ...(duplicates === undefined || duplicates.groups === 0 ? [] : [duplicatesPart(duplicates)]),
    ...(worst.length === 0 ? [] : [worstPart(worst)]),
    ...(warnings.length === 0
      ? []
      : [
          '## Warnings\n\n' +
            table(
              ['warning', 'pictures', 'first'],
              warnings.map(({ code, count, first }) => [text(code), String(count), text(first)]),
            ),
        ]),
    ...(errors.length === 0
      ? []
      : [
          `## Pictures that could not be evaluated: ${rows.failed}\n\n` +
            table(
              ['picture', 'why'],
              errors.slice(0, MOST_ROWS).map(({ path, error }) => [text(path), text(error)]),
            ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function severalPart(several: SeveralMetrics): readonly string[] {
  const { rows, undecided, threshold, subsetAccuracy, hammingLoss, micro, macro, classes, ranked } = several;
  const keys = ['precision', 'recall', 'f1', 'rocAuc', 'averagePrecision'] as const;
  const heads = ['precision', 'recall', 'F1', 'ROC AUC', 'average precision'];
  const shown = classes.toSorted((a, b) => b.support - a.support).slice(0, MOST_ROWS);
  return [
    `## Metrics of ${rows} pictures with several labels\n\nA class is a verdict where its probability is above ${threshold}. ` +
      `Subset accuracy ${digits(subsetAccuracy)}, Hamming loss ${digits(hammingLoss)}; ${undecided} pictures without probabilities are left out.` +
      `${ranked ? '' : ' There are too many probabilities for curves and what they give.'}\n\n` +
      table(
        ['mean', ...heads],
        [
          ['of all together (micro)', ...keys.map((key) => digits(micro[key]))],
          ['over classes (macro)', ...keys.map((key) => digits(macro[key]))],
        ],
      ),
    `## By class${shown.length < classes.length ? ` (the ${shown.length} with most pictures, of ${classes.length})` : ''}\n\n` +
      table(
        ['class', 'pictures', 'verdicts', ...heads],
        shown.map((each) => [
          text(each.label),
          ...[each.support, each.verdicts].map(String),
          ...keys.map((key) => digits(each[key])),
        ]),
      ),
  ];
}

function videoPart(video: VideoSummary): string {
  const { scored, why, aggregate, scores, score, frames, without, faces, tracks, strongest } = video;
  const rows = strongest.map((each) => [
    `[${text(each.path)}](${each.file})`,
    each.face === null ? '' : String(each.face),
    digits(each.score),
  ]);
  const faceless = tracks === 0 ? '' : `, ${tracks} faces followed through them (${faces} in all)`;
  return [
    `## The video: ${digits(score)}`,
    `The score is the probability of ${text(scored)} (${why}), ${AGGREGATE_WORDS[aggregate]}: ${digits(scores[aggregate])}. ` +
      `The mean over frames of the largest over faces is ${digits(scores.sbi)}, the mean over all faces ${digits(scores.mean)}. ` +
      `${frames} frames${faceless}; ${without} without a score, which do not count.`,
    ...(rows.length === 0 ? [] : ['### Strongest frames', table(['frame', 'face', 'score'], rows)]),
  ].join('\n\n');
}

const AGGREGATE_WORDS = {
  sbi: 'mean over frames of the largest over faces',
  mean: 'mean over all faces of all frames',
} as const;

function suspectsPart({ count, first }: NonNullable<Summary['suspects']>): string {
  const rows = first
    .slice(0, MOST_ROWS)
    .map(({ path, label, guess, selfConfidence }) => [
      text(path),
      text(label),
      text(guess),
      digits(selfConfidence),
    ]);
  return (
    `## Suspected label errors: ${count}\n\nPictures that confidently belong to a class other than their label (confident learning). ` +
    'A network that was trained on these very pictures has learned their errors, and finds fewer.\n\n' +
    table(['picture', 'label', 'rather', 'probability of the label'], rows)
  );
}

function duplicatesPart({
  groups,
  pictures,
  conflicting,
  across,
  complete,
  first,
}: DuplicateSummary): string {
  const rows = first
    .slice(0, MOST_ROWS)
    .map((group) => [
      group.pictures.map(({ path, label }) => text(label === null ? path : `${path} (${label})`)).join(', ') +
        (group.count > group.pictures.length ? ` and ${group.count - group.pictures.length} more` : ''),
      String(group.distance),
      [
        ...(group.across ? ['training and testing'] : []),
        ...(group.conflicting ? ['labels differ'] : []),
      ].join(', '),
    ]);
  return (
    `## Pictures that are nearly the same: ${pictures} in ${groups} groups\n\n` +
    `${across} groups lie in folders for training and for testing, ${conflicting} have labels that differ. Difference hashes (dHash) of which at most 4 of 64 bits differ.` +
    `${complete ? '' : ' Too many pictures look alike to compare each with each: there may be more.'}\n\n` +
    table(['pictures', 'bits', 'what is wrong'], rows)
  );
}

function worstPart(worst: Summary['worst']): string {
  const rows = worst.map(({ path, label, predicted, confidence, loss }) => [
    text(path),
    text(label),
    text(predicted),
    digits(confidence),
    typeof loss === 'number' ? digits(loss) : loss,
  ]);
  return `## Worst cases\n\n${table(['picture', 'label', 'verdict', 'confidence', 'loss'], rows)}`;
}

function metricsPart(metrics: Metrics): readonly string[] {
  const { accuracy, topFiveAccuracy, macro, logLoss, brier, ece, classes } = metrics;
  const rows: readonly (readonly [string, number | null])[] = [
    ['accuracy', accuracy],
    ...(topFiveAccuracy === null ? [] : [['accuracy of the first five', topFiveAccuracy] as const]),
    ['precision, mean over classes', macro.precision],
    ['recall, mean over classes', macro.recall],
    ['F1, mean over classes', macro.f1],
    ['ROC AUC, mean over classes', macro.rocAuc],
    ['log loss (nats)', logLoss],
    ['Brier score', brier],
    ['expected calibration error, 15 bins', ece],
  ];
  const shown = classes.toSorted((a, b) => b.support - a.support).slice(0, MOST_ROWS);
  return [
    `## Metrics of ${metrics.rows} pictures\n\n${table(
      ['metric', 'value'],
      rows.map(([name, value]) => [name, digits(value)]),
    )}`,
    ...metrics.undefined.map((reason) => `> ${text(reason)}`),
    `## By class${shown.length < classes.length ? ` (the ${shown.length} with most pictures, of ${classes.length})` : ''}\n\n` +
      table(
        ['class', 'pictures', 'verdicts', 'precision', 'recall', 'F1', 'ROC AUC', 'average precision'],
        shown.map(({ label, support, verdicts, precision, recall, f1, rocAuc, averagePrecision }) => [
          text(label),
          ...[support, verdicts].map(String),
          ...[precision, recall, f1, rocAuc, averagePrecision].map(digits),
        ]),
      ),
  ];
}

function orderPart({ asLabelled, better }: NonNullable<Summary['order']>): readonly string[] {
  if (better === null) return [];
  const labels =
    better.labels.length <= 20
      ? `\n\nThe lens would then say \`"labels": ${JSON.stringify(better.labels).replaceAll('`', '')}\`.`
      : '';
  return [
    `## The order of the classes is in doubt\n\n**${percentage(asLabelled)} as labeled, ${percentage(better.accuracy)} if ${better.supposition}.**${labels}`,
  ];
}

const layersPart = (layers: readonly LayerSummary[]): string =>
  '## Where the network looks\n\nShares of the heatmaps, means over pictures; an even heatmap has 43.8% in the border, the outermost eighth on each side.\n\n' +
  table(
    ['layer', 'pictures', 'blank', 'border', 'box', 'face', 'mask', 'health'],
    layers.map(({ name, rows, blank, border, box, face, mask, health }) => [
      text(name),
      String(rows),
      String(blank),
      ...[border, box, face, mask].map((share) => (share === null ? '' : percentage(share))),
      Object.entries(health)
        .map(([mark, count]) => `${mark} ${count}`)
        .join(', '),
    ]),
  );

const text = (value: string): string => escapeInline(value);

/** Null means undefined. */
const digits = (value: number | null): string =>
  value === null ? 'not defined' : String(Number(value.toPrecision(5)));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
