/** Medians with their spread, as a Markdown table. */

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

/** One row a sample: median, minimum, maximum. */
export function table(what: string, unit: string, samples: readonly Sample[], digits = 1): string {
  const rows = samples.map(({ name, values }) => {
    const figures = [median(values), Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits));
    return `| ${name} | ${figures.join(' | ')} |`;
  });
  return [`| ${what} | median ${unit} | min | max |`, '|---|---:|---:|---:|', ...rows].join('\n');
}
