/** The options that a report was made with, so that it can be made again with another target. */
import { isAbsolute, join } from 'node:path';
import { REPORT_FILE, readReportFolder } from '../../../files/report-folder';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Report } from '../../../protocol/report';
import { fromFailure } from '../engine/failure';
import { LensError } from '../errors';
import type { ReportedOptions } from '../report/options';
import { optionsOf } from '../report/options';
import { givenOptions } from './given-options';
import { show } from './json';

/**
 * @param folder of the report
 * @param settings the options of an image, with those given in the place of the settings
 * @throws LensError if the report cannot be read, or asks for what no analysis can be requested
 */
export async function readOptions(
  folder: string,
  settings: (image: string, given: ReportedOptions) => Promise<AnalysisOptions>,
): Promise<{ readonly image: string; readonly options: AnalysisOptions }> {
  const report = await readReport(folder);
  const given = optionsOf(report, folder);
  givenOptions(given);
  const image = report.input.path;
  return { image, options: await settings(image, given) };
}

/** @throws LensError */
async function readReport(folder: string): Promise<Report> {
  const read = await readReportFolder(folder);
  if (!read.ok) throw fromFailure(read.failure);
  const { path } = read.value.input;
  if (isAbsolute(path) && !path.includes('\0')) return read.value;
  throw new LensError(
    'usage',
    `${join(folder, REPORT_FILE)}: expected "input.path" to be an absolute path of this machine; found ${show(path)}.`,
    { fix: 'Analyze the image itself again.' },
  );
}
