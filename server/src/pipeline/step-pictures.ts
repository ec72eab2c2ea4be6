/** Pictures of one preprocessing step, drawn when a reader asks for them: the recorded steps run again on the report's own image. */
import { readReportFolder } from '../../../files/report-folder';
import { checkSteps } from '../../../protocol/check-steps';
import type { Report } from '../../../protocol/report';
import type { StepPictures } from '../../../protocol/requests';
import { LensError } from '../errors';
import type { GrayImage, RgbImage } from '../imaging/image';
import { Kernels } from '../imaging/kernels';
import { encodeRgbPng } from '../imaging/png/png';
import { cropRgb } from '../imaging/resize';
import { imageOf, requireRead } from './again';
import { pixelsOf } from './steps/preprocess';
import { runSteps } from './steps/run-steps';

export interface StepQuestion {
  /** The report folder. */
  readonly folder: string;
  /** Position in the report's list, from 0. */
  readonly step: number;
}

/**
 * Runs the report's steps up to the requested one.
 * @throws LensError of kind `image` if the image changed since, `usage` if the report has no such step
 */
export async function stepPictures(
  { folder, step }: StepQuestion,
  signal?: AbortSignal,
): Promise<StepPictures> {
  const report = requireRead(await readReportFolder(folder));
  const image = await imageOf(report, signal);
  const { box, ...size } = report.detection.crop;
  const input = { width: size.size, height: size.height ?? size.size };
  const pixels = pixelsOf(cropRgb(image, box));
  const { recorded } = runSteps(pixels, stepsOf(report, folder, step), { input, kernels: new Kernels() });
  const pictures: StepPictures['pictures'][number][] = [];
  for (const { name, title, draw } of recorded.at(-1)?.pictures ?? []) {
    const picture = draw();
    const png = await encodeRgbPng(inColor(picture));
    pictures.push({ name, title, width: picture.width, height: picture.height, png: png.toString('base64') });
  }
  return { step, pictures };
}

/** A report may come from anyone, so its steps are checked like those of a lens. */
function stepsOf({ preprocess: { steps } }: Report, folder: string, last: number) {
  if (last >= steps.length)
    throw new LensError(
      'usage',
      `${folder}: the report has no step ${last}, it records ${steps.length || 'none'}.`,
      {
        fix: 'Analyze the image again to get a new report.',
      },
    );
  const checked = checkSteps(steps.slice(0, last + 1).map(({ config }) => config));
  if (checked.ok) return checked.steps;
  throw new LensError('usage', `${folder}: the report's steps cannot be run again.`, {
    fix: 'Analyze the image again to get a new report.',
  });
}

function inColor(picture: RgbImage | GrayImage): RgbImage {
  const { width, height, data } = picture;
  if (data.length === 3 * width * height) return picture;
  const color = new Uint8Array(3 * width * height);
  for (let i = 0; i < color.length; i++) color[i] = data[Math.floor(i / 3)] as number;
  return { width, height, data: color };
}
