/** Rows of docs/conformance.md for networks that are not measured this time: they stay, and count as they did. */

export interface KeptRow {
  readonly name: string;
  readonly line: string;
  /** Files that were measured. */
  readonly files: number;
  readonly layers: number;
  readonly agree: number;
  readonly unstable: number;
  readonly whole: boolean;
}

const ROW = /^\| ((?:torchvision|timm|transformers)\/[^|]+?) \|(.*)\|$/;
const FAULTS = ['unexplained', 'unmatched', 'wrong', 'refused'];

/** @param page as it is; empty where there is none */
export function keptRows(page: string, measured: readonly string[]): readonly KeptRow[] {
  return page.split('\n').flatMap((line) => {
    const [, name, cells = ''] = ROW.exec(line) ?? [];
    if (name === undefined || measured.includes(name)) return [];
    const counts = [...cells.matchAll(/ (\d+) of (\d+) /g)].map(
      ([, agree, of]) => [Number(agree), Number(of)] as const,
    );
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    return [
      {
        ...{ name, line, files: counts.length },
        layers: sum(counts.map(([, of]) => of)),
        agree: sum(counts.map(([agree]) => agree)),
        unstable: sum([...cells.matchAll(/ (\d+) unstable/g)].map(([, count]) => Number(count))),
        whole: counts.length > 0 && !FAULTS.some((fault) => cells.includes(fault)),
      },
    ];
  });
}

/** Lines of the page's list of what torch does not export. */
export const keptFailures = (page: string, measured: readonly string[]): readonly string[] =>
  page
    .slice(page.indexOf('## What torch does not export'))
    .split('\n')
    .filter(
      (line) =>
        /^- (torchvision|timm|transformers)\//.test(line) &&
        !measured.some((name) => line.startsWith(`- ${name}, `)),
    );
