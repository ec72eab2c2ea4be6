/** What a report was made from, so that it can be made again with another target. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AnalysisOptions, DetectorChoice } from '../../../protocol/analysis';
import type { DetectionReport, Report } from '../../../protocol/report';
import { LensError } from '../errors';

/**
 * @param folder of the report
 * @param settings the options of an image where the report is silent: threads, crop
 * @throws LensError if the report cannot be read
 */
export async function readOptions(
  folder: string,
  settings: (image: string) => Promise<AnalysisOptions>,
): Promise<{ readonly image: string; readonly options: AnalysisOptions }> {
  const { input, pipeline, model, device, detection } = await readReport(join(folder, 'report.json'));
  const image = input.path;
  return {
    image,
    options: {
      ...(await settings(image)),
      pipeline,
      weights: model.untrained ? 'demo' : (model.path ?? model.name),
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

async function readReport(file: string): Promise<Report> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as Partial<Report>;
    if (Number(report.version) === 1 && typeof report.input?.path === 'string') return report as Report;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LensError('usage', `The report ${file} cannot be read: ${reason}`, { cause, fix });
  }
  throw new LensError('usage', `${file}: expected a report of version 1.`, { fix });
}

const fix = 'Analyze the image itself again.';
