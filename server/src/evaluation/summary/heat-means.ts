/** Mean heatmaps of a layer over groups of pictures: all, right and wrong verdicts, and each label. */
import { GRID } from '../heat';
import type { HeatSummary, Row } from '../row';
import type { LayerSummary } from './facts';

/** Most labels whose means are shown: those with the most pictures. */
const MOST_LABELS = 20;
/** Most labels whose means are held, 5 MB. */
const MOST_HELD = 10_000;

const SHARES = ['border', 'box', 'face', 'mask'] as const;
type Share = (typeof SHARES)[number];

const FIRST = ['all', 'right', 'wrong'];

class Mean {
  private readonly sums = new Float64Array(GRID * GRID);
  count = 0;

  add(grid: readonly number[]): void {
    grid.forEach((share, i) => (this.sums[i] = (this.sums[i] ?? 0) + share));
    this.count += 1;
  }

  get grid(): readonly number[] {
    return Array.from(this.sums, (sum) => sum / this.count);
  }
}

export class HeatMeans {
  private readonly groups = new Map<string, Mean>();
  private readonly labels = new Map<string, Mean>();
  private readonly sums = { border: 0, box: 0, face: 0, mask: 0 };
  private readonly counts = { border: 0, box: 0, face: 0, mask: 0 };
  private readonly health = new Map<string, number>();
  private blank = 0;
  private rows = 0;

  constructor(
    private readonly name: string,
    private readonly at: number,
  ) {}

  add(row: Row): void {
    for (const mark of row.health[this.at] ?? []) this.health.set(mark, (this.health.get(mark) ?? 0) + 1);
    const heat = row.heat[this.at] ?? null;
    if (heat === null) return;
    this.rows += 1;
    if (heat.grid === null) {
      this.blank += 1;
      return;
    }
    for (const key of SHARES) this.addShare(key, heat);
    add(this.groups, 'all', heat.grid);
    if (row.correct !== null) add(this.groups, row.correct ? 'right' : 'wrong', heat.grid);
    if (row.label !== null && (this.labels.has(row.label) || this.labels.size < MOST_HELD))
      add(this.labels, row.label, heat.grid);
  }

  summary(): LayerSummary {
    const mean = (key: Share): number | null =>
      this.counts[key] === 0 ? null : this.sums[key] / this.counts[key];
    return {
      name: this.name,
      rows: this.rows,
      blank: this.blank,
      ...{ border: mean('border'), box: mean('box'), face: mean('face'), mask: mean('mask') },
      mean: [...this.firstGroups(), ...this.shownLabels()].map(([name, { count, grid }]) => ({
        ...{ name, count, grid },
      })),
      labels: this.labels.size,
      health: Object.fromEntries(this.health),
    };
  }

  private addShare(key: Share, heat: HeatSummary): void {
    const share = heat[key];
    if (share === null) return;
    this.sums[key] += share;
    this.counts[key] += 1;
  }

  private firstGroups(): readonly (readonly [name: string, mean: Mean])[] {
    return [...this.groups].sort(([a], [b]) => FIRST.indexOf(a) - FIRST.indexOf(b));
  }

  /** By name: not in the order in which they happened to appear. */
  private shownLabels(): readonly (readonly [name: string, mean: Mean])[] {
    const busiest = [...this.labels].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_LABELS);
    return busiest.sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, mean]) => [`label ${label}`, mean]);
  }
}

function add(groups: Map<string, Mean>, name: string, grid: readonly number[]): void {
  const group = groups.get(name) ?? new Mean();
  group.add(grid);
  groups.set(name, group);
}
