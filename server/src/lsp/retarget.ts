/** What a report was made from, so that it can be made again with another target. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { REPORT_FILE, readReportFolder } from '../../../files/report-folder';
import type { AnalysisOptions, DetectorChoice } from '../../../protocol/analysis';
import type { DetectionReport, Report } from '../../../protocol/report';
import { fromFailure } from '../engine/failure';
import { LensError } from '../errors';
import { show } from './parameters';

/**
 * @param folder of the report
 * @param settings the options of an image where the report is silent: threads, crop
 * @throws LensError if the report cannot be read
 */
export async function readOptions(
  folder: string,
  settings: (image: string) => Promise<AnalysisOptions>,
): Promise<{ readonly image: string; readonly options: AnalysisOptions }> {
  const { input, pipeline, model, device, detection } = await readReport(folder);
  const image = input.path;
  return {
    image,
    options: {
      ...(await settings(image)),
      pipeline,
      weights: model.untrained ? 'demo' : (model.path ?? model.name),
      stateDict: model.checkpoint?.requestedStateDict ?? null,
      device: device.requested,
      ...detectionOptions(detection),
      output: outputOf(folder),
    },
  };
}

/** Reports lie in `<output>/<process id>/result`; one that was moved elsewhere gets its successors beside it. */
const outputOf = (folder: string): string =>
  basename(folder) === 'result' ? dirname(dirname(folder)) : dirname(folder);

function detectionOptions({ detector, faces }: DetectionReport): Pick<AnalysisOptions, 'detector' | 'box'> {
  const choices: Readonly<Record<DetectionReport['detector'], DetectorChoice>> = {
    blazeface: 'blazeface',
    'retinaface-resnet50': 'retinaface',
    'retinaface-mobilenet0.25': 'retinaface',
    none: 'none',
    box: 'auto',
  };
  return { detector: choices[detector], box: detector === 'box' ? (faces[0]?.box ?? null) : null };
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
