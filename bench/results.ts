/** RESULTS.md as sections under second-level headings: a bench replaces its own and leaves the others as they are. */

export const INTRODUCTION = `# Results

Written by \`npm run bench\` and \`npm run bench:peers\`; each section says when, on what and of which version of this code it was measured.
Medians with their least and greatest value; a ratio is taken pair by pair between runs in turn, so that a slow minute of the machine meets both.
Threads are as many as cores, unless a table says otherwise; MB are 10^6 bytes.`;

/** The heading that marks a bench's section. */
export const headingOf = (name: string): string =>
  `## \`npm run ${['peers', 'against'].includes(name) ? `bench:${name}` : `bench ${name}`}\``;

/**
 * Puts a section in the place of the one with its heading; a new one goes where `order` says, before unknown ones.
 * @param page the whole file; empty for a new one
 * @param body Markdown without second-level headings
 * @param order names of all benches, first to last
 */
export function withSection(page: string, name: string, body: string, order: readonly string[]): string {
  const sections = split(page);
  const heading = headingOf(name);
  const own = `${heading}\n\n${body.trim()}`;
  const at = sections.findIndex((section) => firstLine(section) === heading);
  if (at >= 0) sections[at] = own;
  else {
    const later = new Set(order.slice(order.indexOf(name) + 1).map(headingOf));
    const known = new Set(order.map(headingOf));
    const next = sections.findIndex(
      (section) => later.has(firstLine(section)) || !known.has(firstLine(section)),
    );
    sections.splice(next >= 0 ? next : sections.length, 0, own);
  }
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

/** The sections, headings included, without what stands before the first. */
function split(page: string): string[] {
  const starts = [...page.matchAll(/^## /gm)].map(({ index }) => index);
  return starts.map((start, i) => page.slice(start, starts[i + 1]).trim());
}

const firstLine = (section: string): string => section.split('\n', 1)[0] ?? '';
