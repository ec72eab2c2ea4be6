/** The summary of a table, computed only from its rows, so that merged shards give the same bytes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toJson } from '../../report/json';
import { THRESHOLD } from '../../pipeline/network/activation';
import { real } from '../../pipeline/steps/tensor';
import { Names } from '../compact';
import { confidentLearning } from '../detective/confident';
import { findOrder } from '../detective/class-order';
import type { PartHead } from '../head';
import { severalIn } from '../labels/several';
import { NearDuplicates } from '../duplicates/near';
import { Confusion } from '../metrics/confusion';
import { ProbabilityMetrics } from '../metrics/probability';
import type { Curves } from '../metrics/ranking';
import { Scores } from '../metrics/scores';
import { SeveralLabels } from '../metrics/several';
import type { Row, TableHead } from '../row';
import { VideoScores } from '../video/video-scores';
import { timelineChart } from '../video/timeline-chart';
import type { Observer } from '../write-table';
import type { Chart } from './charts';
import {
  calibrationChart,
  confusionChart,
  drawable,
  heatChart,
  leftOut,
  MOST_CELLS,
  MOST_CURVES,
  prChart,
  rocChart,
} from './charts';
import type { ClassSummary, LayerSummary, Summary, WorstCase } from './facts';
import { HeatMeans } from './heat-means';
import { summaryMarkdown } from './markdown';
import { measure } from './measure';

/** Most rows that a summary names; the table has all. */
const MOST_NAMED = 100;
const MOST_WORST = 20;

export const SUMMARY = 'summary.json';

export const summaryOf = ({ head }: PartHead): SummaryMaker => new SummaryMaker(head);

export class SummaryMaker implements Observer {
  private readonly scores: Scores;
  private readonly confusion: Confusion;
  private readonly probability = new ProbabilityMetrics();
  private readonly heat: readonly HeatMeans[];
  private readonly warnings = new Map<string, { count: number; readonly first: string }>();
  private readonly errors: { readonly path: string; readonly error: string }[] = [];
  private worst: WorstCase[] = [];
  private readonly video: VideoScores;
  private readonly names = new Names();
  private readonly near = new NearDuplicates(this.names);
  /** Null where pictures have one label each, or none. */
  private readonly several: SeveralLabels | null;
  private readonly rows = { all: 0, failed: 0, labelled: 0, undecided: 0 };

  constructor(private readonly head: TableHead) {
    this.scores = new Scores(head.classes.length, this.names);
    this.confusion = new Confusion(head.classes.length);
    this.video = new VideoScores(head);
    this.several =
      head.several === undefined ? null : new SeveralLabels(head.classes, head.threshold ?? THRESHOLD);
    this.heat = head.layers.map((name, at) => new HeatMeans(name, at));
  }

  see(row: Row): void {
    this.rows.all += 1;
    this.video.add(row);
    if (this.head.video === undefined) this.near.add(row); // frames resemble their neighbors
    if (row.label !== null) this.rows.labelled += 1;
    if (row.error !== null) {
      this.rows.failed += 1;
      if (this.errors.length < MOST_NAMED) this.errors.push({ path: row.path, error: row.error });
      return;
    }
    if (row.predictedIndex === null) this.rows.undecided += 1;
    for (const code of row.warnings) {
      const found = this.warnings.get(code);
      if (found === undefined) this.warnings.set(code, { count: 1, first: row.path });
      else found.count += 1;
    }
    for (const each of this.heat) each.add(row);
    if (this.several !== null) this.addSeveral(row, this.several);
    else if (this.unmeasured === null) this.measure(row);
  }

  summary(): { readonly summary: Summary; readonly curves: CurvesOf } {
    const { head, scores, confusion } = this;
    this.trimWorst();
    const measured =
      this.unmeasured === null && this.several === null
        ? measure(scores, confusion, this.probability, head.classes)
        : null;
    const suspects =
      measured === null || !scores.complete || scores.length === 0
        ? null
        : confidentLearning(scores).suspects;
    const video = this.video.found();
    const several = this.several?.measure() ?? null;
    const near = this.near.found();
    const summary: Summary = {
      version: 1,
      charts: [],
      rows: { ...this.rows },
      unmeasured: this.unmeasured,
      metrics: measured?.metrics ?? null,
      order: measured === null ? null : findOrder(confusion, head.classes),
      suspects:
        suspects === null
          ? null
          : {
              count: suspects.length,
              first: suspects.slice(0, MOST_NAMED).map(({ row, label, guess, selfConfidence }) => ({
                path: scores.path(row),
                label: head.classes[label] ?? '',
                guess: head.classes[guess] ?? '',
                selfConfidence,
              })),
            },
      worst: this.worst,
      layers: this.heat.map((each) => each.summary()),
      warnings: [...this.warnings].map(([code, { count, first }]) => ({ code, count, first })),
      errors: this.errors,
      ...(near === null ? {} : { duplicates: near }),
      ...(several === null ? {} : { several: several.metrics }),
      ...(video === null ? {} : { video: video.summary }),
    };
    return { summary, curves: several?.curves ?? measured?.curves ?? (() => null) };
  }

  async write(folder: string): Promise<void> {
    const measured = this.summary();
    const charts = this.charts(measured.summary, measured.curves);
    const summary = { ...measured.summary, charts: charts.map(({ file, title }) => ({ file, title })) };
    if (charts.length > 0) await mkdir(join(folder, 'charts'));
    for (const { file, svg } of charts) await writeFile(join(folder, 'charts', file), svg);
    await writeFile(join(folder, SUMMARY), toJson(summary));
    await writeFile(join(folder, 'summary.md'), summaryMarkdown(summary, this.head, charts));
  }

  /** Null where rows have labels of the network's classes, one each. */
  private get unmeasured(): string | null {
    if (this.several !== null) return null;
    if (this.head.kind === 'multi')
      return 'The network gives every class a probability of its own, and the pictures have no labels that are its classes.';
    if (this.head.video !== undefined) return 'A video has no labels.';
    return this.head.labelled ? null : 'The pictures have no labels that are classes of the network.';
  }

  private addSeveral({ label, probabilities, error }: Row, several: SeveralLabels): void {
    if (label === null || error !== null) return;
    const indices = severalIn(label).map((each) => this.head.several?.[each] ?? -1);
    several.add(new Set(indices), probabilities);
  }

  private measure(row: Row): void {
    const before = this.scores.length;
    this.scores.add(row);
    const { labelIndex, predictedIndex, probabilities, loss } = row;
    if (
      this.scores.length === before ||
      labelIndex === null ||
      predictedIndex === null ||
      probabilities === null
    )
      return;
    this.confusion.add(labelIndex, predictedIndex);
    this.probability.add(probabilities, labelIndex, predictedIndex);
    if (loss === null || row.correct === true) return;
    this.worst.push({
      path: row.path,
      label: this.head.classes[labelIndex] ?? '',
      predicted: row.predicted ?? '',
      confidence: row.confidence,
      loss: real(loss),
    });
    if (this.worst.length > 2 * MOST_WORST) this.trimWorst();
  }

  private trimWorst(): void {
    this.worst = this.worst.sort((a, b) => Number(b.loss) - Number(a.loss)).slice(0, MOST_WORST);
  }

  private charts(summary: Summary, curves: CurvesOf): readonly Chart[] {
    const { metrics, layers, several } = summary;
    const { classes } = this.head;
    const charts: Chart[] = [];
    const video = this.video.found();
    if (video !== null) {
      const svg = timelineChart(video, this.head.threshold);
      charts.push({ file: 'timeline.svg', title: 'Score by time', svg });
    }
    if (metrics !== null && metrics.rows > 0) {
      const busiest = busiestOf(metrics.classes);
      const shown = busiest
        .slice(0, MOST_CELLS)
        .map(({ index }) => index)
        .sort((a, b) => a - b);
      charts.push({
        file: 'confusion.svg',
        title: titled('Confusion matrix', shown.length, metrics.classes.length),
        svg: confusionChart(this.confusion, shown, classes, metrics.classes.length),
      });
      charts.push(...curveCharts(busiest, curves));
      charts.push({
        file: 'calibration.svg',
        title: 'Calibration',
        svg: calibrationChart(metrics.calibration, metrics.ece ?? 0),
      });
    }
    if (several !== undefined) charts.push(...curveCharts(busiestOf(several.classes), curves));
    layers.forEach((layer, index) => {
      if (layer.mean.length > 0) charts.push({ file: `heat-${index + 1}.svg`, ...heatChartOf(layer) });
    });
    return charts;
  }
}

/** Of a class; null where it has none. */
type CurvesOf = (index: number) => Curves | null;

const busiestOf = (classes: readonly ClassSummary[]): readonly ClassSummary[] =>
  classes.toSorted((a, b) => b.support + b.verdicts - a.support - a.verdicts);

/** @param busiest classes, those with the most pictures first */
function curveCharts(busiest: readonly ClassSummary[], curves: CurvesOf): readonly Chart[] {
  const named = busiest.filter(({ rocAuc }) => rocAuc !== null);
  const drawn = named.slice(0, MOST_CURVES).flatMap(({ index, label }) => {
    const found = curves(index);
    return found === null ? [] : [{ name: label, curves: drawable(found) }];
  });
  if (drawn.length === 0) return [];
  const [roc, pr] = ['ROC', 'Precision and recall'].map((title) => titled(title, drawn.length, named.length));
  return [
    { file: 'roc.svg', title: roc ?? '', svg: rocChart(drawn, named.length) },
    { file: 'pr.svg', title: pr ?? '', svg: prChart(drawn, named.length) },
  ];
}

function heatChartOf({ name, mean, labels }: LayerSummary): Omit<Chart, 'file'> {
  const shown = mean.filter((group) => group.name.startsWith('label ')).length;
  const missing = leftOut(shown, labels, 'labels');
  return { title: `Mean heatmap of ${name}`, svg: heatChart(name, mean, missing) };
}

function titled(title: string, shown: number, all: number): string {
  const missing = leftOut(shown, all);
  return missing === null ? title : `${title} (${missing})`;
}
