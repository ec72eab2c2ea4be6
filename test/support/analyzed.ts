/** Runs `analyze` as built, and checks of every report what holds for all. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../protocol/report';
import { readSlice } from '../../server/src/report/maps-file';
import type { Finished } from './cli';
import { residentCli } from './resident-cli';
import { checkPictures, checkSlices, readReport } from './report';

export interface Line {
  readonly ok: boolean;
  readonly image: string;
  readonly folder: string;
  readonly report: Report;
}

export const linesOf = ({ stdout }: Finished): readonly Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Runs with --json; every report that comes out must pass the checks that hold for all. */
export async function analyze(
  ...args: readonly string[]
): Promise<{ finished: Finished; lines: readonly Line[] }> {
  const finished = await residentCli(['analyze', ...args, '--json']);
  assert.equal(finished.code, 0, finished.stderr);
  const lines = linesOf(finished);
  for (const line of lines) {
    assert.ok(line.ok);
    assert.deepEqual(readReport(line.folder), line.report);
    checkSlices(line.folder, line.report);
    await checkPictures(line.folder, line.report);
  }
  return { finished, lines };
}

export async function analyzeOne(...args: readonly string[]): Promise<Line> {
  const { lines } = await analyze(...args);
  assert.equal(lines.length, 1);
  return lines[0]!;
}

export const channelWeights = ({ folder: place, report }: Line, layer: string): readonly number[] => {
  const found = report.layers.find(({ name }) => name === layer);
  assert.ok(found, layer);
  return [...readSlice(readFileSync(join(place, report.mapsFile)), found.channelWeights).data];
};
