/** Reads the figures of a bench back from the tables that it prints. */

/** By row and column: `### heading: row: column`. */
export type Figures = ReadonlyMap<string, number>;

/** A number, alone or with its spread: `412 (398 to 440)`. */
const FIGURE = /^(-?\d+(?:\.\d+)?)(?: \([^)]*\))?$/;

/** Of every Markdown table; least and greatest values, and what is not a figure, are left out. */
export function figuresIn(markdown: string): Figures {
  const figures = new Map<string, number>();
  let heading = '';
  let columns: readonly string[] | null = null;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
    if (!line.startsWith('|')) {
      columns = null;
      continue;
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (columns === null) columns = cells;
    else if (!/^\|[-:|]+\|$/.test(line)) {
      const [row = '', ...others] = cells;
      for (const [i, cell] of others.entries()) {
        const column = columns[i + 1] ?? '';
        const value = FIGURE.exec(cell)?.[1];
        if (value === undefined || column === 'min' || column === 'max') continue;
        figures.set([heading, row, column].filter((part) => part !== '').join(': '), Number(value));
      }
    }
  }
  return figures;
}
