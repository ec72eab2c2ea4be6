/** Medians with their spread, as Markdown tables. */

export interface Sample {
  readonly name: string;
  readonly values: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** One row per sample: median, minimum, maximum. The head says how many values each is of. */
export function table(what: string, unit: string, samples: readonly Sample[], digits = 1): string {
  const rows = samples.map(({ name, values }) => {
    const figures = [median(values), Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits));
    return [name, ...figures];
  });
  const counts = [...new Set(samples.map(({ values }) => values.length))].join(' to ');
  return grid([`${what} (n = ${counts})`, `median ${unit}`, 'min', 'max'], rows);
}

/** A table of texts: the first column left, all others right. */
export function grid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|---|${'---:|'.repeat(head.length - 1)}`, ...rows.map(line)].join('\n');
}

/** `412 (398 to 440)`. */
export function spread(values: readonly number[], digits = 0): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((v) =>
    v.toFixed(digits),
  );
  return values.length === 1 ? (middle ?? '') : `${middle} (${least} to ${most})`;
}

/** Of values measured in turn: `median 2.54, from 2.26 to 2.80`. */
export function ratios(over: readonly number[], under: readonly number[]): string {
  const all = over.map((value, i) => value / (under[i] ?? NaN));
  const [middle, least, most] = [median(all), Math.min(...all), Math.max(...all)].map((v) => v.toFixed(2));
  return `median ${middle}, from ${least} to ${most}`;
}
