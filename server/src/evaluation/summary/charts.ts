/** The charts of a summary. */
import { percentage } from '../../../../protocol/percentage';
import type { Bin, MeanHeat } from '../../../../protocol/evaluation';
import type { Confusion } from '../metrics/confusion';
import type { Curves } from '../metrics/ranking';
import { thinned } from '../metrics/ranking';
import { GRID } from '../heat';
import { at, clipped, frame, FRAME, label, line, n, PALETTE, shade, svg, text } from './svg';

/** Most curves of one chart: more cannot be distinguished. */
export const MOST_CURVES = 8;
/** Most classes of a matrix: more cannot be read. */
export const MOST_CELLS = 40;
const MOST_POINTS = 400;

export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

export interface NamedCurves {
  readonly name: string;
  /** See `drawable`. */
  readonly curves: Curves;
}

const width = FRAME.left + FRAME.side + 190;
const height = FRAME.top + FRAME.side + 44;

/** The points that are drawn: a curve of a large set has as many as the set. */
export function drawable({ roc, pr, ...areas }: Curves): Curves {
  const shown = thinned(roc.truePositives.length, MOST_POINTS);
  const at = (values: readonly number[]): readonly number[] => shown.map((i) => values[i] ?? 0);
  return {
    ...areas,
    roc: { falsePositives: at(roc.falsePositives), truePositives: at(roc.truePositives) },
    pr: { recall: at(pr.recall), precision: at(pr.precision) },
  };
}

/** What a chart is of where it cannot show all; null where it does. */
export const leftOut = (shown: number, all: number, what = 'classes'): string | null =>
  shown < all ? `the ${shown} ${what} with the most pictures, of ${all}` : null;

function legend(names: readonly string[], all: number): string {
  const x = FRAME.left + FRAME.side + 14;
  const yOf = (index: number): number => FRAME.top + 12 + index * 18;
  const entries = names.map((name, index) => {
    const y = yOf(index);
    const color = PALETTE[index % PALETTE.length] ?? '#000000';
    return `<rect x="${x}" y="${y - 8}" width="10" height="10" fill="${color}"/>\n${label(x + 15, y + 1, clipped(name, 26))}`;
  });
  if (names.length >= all) return entries.join('');
  const [first, second] = [`the ${names.length} of ${all} classes`, 'with the most pictures'];
  const y = yOf(names.length) + 4;
  return [...entries, label(x, y, first), label(x, y + 14, second)].join('');
}

/** One line for each class, in the unit square. @param classes that have curves, also those that are not drawn @param behind drawn below the lines */
function curveChart(
  [title, heading]: readonly [title: string, heading: string],
  [x, y]: readonly [x: string, y: string],
  curves: readonly { readonly name: string; readonly x: readonly number[]; readonly y: readonly number[] }[],
  classes: number,
  behind = '',
): string {
  const lines = curves.map((curve, index) =>
    line(
      curve.y.map((y, i) => at(curve.x[i] ?? 0, y)),
      PALETTE[index % PALETTE.length] ?? '#000000',
    ),
  );
  const names = curves.map(({ name }) => name);
  return svg(
    width,
    height,
    title,
    label(FRAME.left, 18, heading, { size: 13 }) +
      frame(x, y) +
      behind +
      lines.join('') +
      legend(names, classes),
  );
}

export const rocChart = (drawn: readonly NamedCurves[], classes: number): string =>
  curveChart(
    ['ROC', 'ROC, each class against the rest'],
    ['false positive rate', 'true positive rate'],
    drawn.map(({ name, curves: { auc, roc } }) => ({
      name: `${clipped(name, 14)} (AUC ${auc.toFixed(3)})`,
      x: roc.falsePositives,
      y: roc.truePositives,
    })),
    classes,
    line([at(0, 0), at(1, 1)], '#888888', true),
  );

export const prChart = (drawn: readonly NamedCurves[], classes: number): string =>
  curveChart(
    ['Precision and recall', 'Precision over recall, each class against the rest'],
    ['recall', 'precision'],
    drawn.map(({ name, curves: { averagePrecision, pr } }) => ({
      name: `${clipped(name, 14)} (AP ${averagePrecision.toFixed(3)})`,
      x: pr.recall,
      y: pr.precision,
    })),
    classes,
  );

export function calibrationChart(bins: readonly Bin[], ece: number): string {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const bars = bins.map(({ count, accuracy }, index) => {
    if (accuracy === null) return '';
    const [left, top] = at(index / bins.length, accuracy);
    const [right, bottom] = at((index + 1) / bins.length, 0);
    const opacity = n(0.25 + 0.75 * (count / most));
    return `<rect x="${n(left)}" y="${n(top)}" width="${n(right - left - 1)}" height="${n(bottom - top)}" fill="${PALETTE[0]}" fill-opacity="${opacity}"><title>${count} pictures</title></rect>\n`;
  });
  return svg(
    width,
    height,
    'Calibration',
    label(FRAME.left, 18, `Calibration: ECE ${ece.toFixed(4)}; darker bars have more pictures`, {
      size: 13,
    }) +
      frame('confidence of the verdict', 'share of right verdicts') +
      bars.join('') +
      line([at(0, 0), at(1, 1)], '#888888', true),
  );
}

/** Rows are labels, columns verdicts; shares of the row. @param shown class indices @param all how many classes there are to show */
export function confusionChart(
  confusion: Confusion,
  shown: readonly number[],
  classes: readonly string[],
  all: number,
): string {
  const cell = shown.length <= 12 ? 44 : 22;
  const [left, top] = [150, 158]; // the names above the columns rise to 110
  const name = (index: number): string => clipped(classes[index] ?? '', 20);
  const body = shown.map((of, row) => {
    const support = confusion.support[of] ?? 0;
    const cells = shown.map((verdict, column) => {
      const count = confusion.get(of, verdict);
      const share = support === 0 ? 0 : count / support;
      const [x, y] = [left + column * cell, top + row * cell];
      const number =
        count === 0
          ? ''
          : label(x + cell / 2, y + cell / 2 + 4, String(count), {
              anchor: 'middle',
              fill: share > 0.5 ? '#ffffff' : '#222222',
            });
      return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${shade(share)}" stroke="#cccccc"/>\n${number}`;
    });
    const [x, y] = [left + row * cell + cell / 2, top - 6];
    return (
      cells.join('') +
      label(left - 6, top + row * cell + cell / 2 + 4, name(of), { anchor: 'end' }) +
      label(x, y, name(of), { rotate: -60 })
    );
  });
  const side = shown.length * cell;
  return svg(
    left + side + 80,
    top + side + 20,
    'Confusion matrix',
    label(8, 18, 'Confusion matrix: labels down, verdicts across', { size: 13 }) +
      label(8, 34, leftOut(shown.length, all) ?? '') +
      body.join(''),
  );
}

/** Mean heatmaps side by side, on one scale; even attention has 1/64 everywhere. @param missing see `leftOut` */
export function heatChart(layer: string, groups: readonly MeanHeat[], missing: string | null = null): string {
  const [cell, gap, top, perRow] = [14, 24, missing === null ? 50 : 64, 5];
  const side = GRID * cell;
  const most = Math.max(...groups.flatMap(({ grid }) => grid), 1e-12);
  const body = groups.map(({ name, count, grid }, index) => {
    const left = 12 + (index % perRow) * (side + gap);
    const y0 = top + Math.floor(index / perRow) * (side + 40);
    const cells = grid.map((share, i) => {
      const [x, y] = [left + (i % GRID) * cell, y0 + Math.floor(i / GRID) * cell];
      return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${shade(share / most)}"><title>${text(percentage(share, 2))}</title></rect>\n`;
    });
    return label(left, y0 - 6, clipped(`${name} (${count})`, 18)) + cells.join('');
  });
  const shares = `darkest ${percentage(most)} in a cell, even ${percentage(1 / GRID ** 2)}`;
  const rows = Math.ceil(groups.length / perRow);
  const across = Math.max(Math.min(groups.length, perRow) * (side + gap), 460);
  return svg(
    across,
    top + rows * (side + 40),
    `Mean heatmap of ${layer}`,
    label(12, 18, `Mean heatmap of ${clipped(layer, 30)}: ${shares}`, { size: 13 }) +
      (missing === null ? '' : label(12, 34, `Of labels: ${missing}`)) +
      body.join(''),
  );
}
