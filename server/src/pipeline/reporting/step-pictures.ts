/** The pictures of steps A to C: input, face, wavelet. */
import { copyRgb, drawBox, drawDot } from '../../imaging/draw';
import type { RgbImage } from '../../imaging/image';
import type { BandedPng } from '../../imaging/png/png';
import { encodeBands } from '../../imaging/png/png';
import type { ArtifactWriter } from '../../report/artifacts';
import { reportPaths, waveletPlanePath } from '../../report/paths';
import type { Preprocessed } from '../analysis';
import type { Detection } from '../face/detection';
import type { ChannelName } from '../steps/step';
import { approximationPicture, blendedPicture } from '../steps/wavelet/pictures';
import type { WaveletRun } from '../steps/wavelet/report';
import { labeledPlanes, waveletRun } from '../steps/wavelet/report';

/** The input, as it is and with the face marked: the same picture but for the rows in which the mark is. */
export class InputPictures {
  private plain: BandedPng | undefined;

  constructor(private readonly image: RgbImage) {}

  original(writer: ArtifactWriter): Promise<void> {
    return writer.drawn(reportPaths.original, async (png) => {
      this.plain = await encodeBands(this.image, png);
      return this.plain.bytes;
    });
  }

  overlay(writer: ArtifactWriter, detection: Detection): Promise<void> {
    return writer.drawn(reportPaths.overlay, async (png) => {
      const marked = drawFace(this.image, detection);
      return (await encodeBands(marked, png, this.plain)).bytes;
    });
  }
}

export async function writeFace(
  writer: ArtifactWriter,
  { crop, mask, prepared }: Pick<Preprocessed, 'crop' | 'mask' | 'prepared'>,
): Promise<void> {
  await writer.rgb(reportPaths.crop, crop.image);
  if (mask !== null) await writer.gray(reportPaths.mask, mask);
  const wavelet = waveletRun(prepared.recorded);
  if (wavelet !== null) await writeWavelet(writer, wavelet, prepared.channels);
}

async function writeWavelet(
  writer: ArtifactWriter,
  wavelet: WaveletRun,
  channels: readonly ChannelName[],
): Promise<void> {
  const { blended } = wavelet;
  await writer.rgb(reportPaths.processed, blendedPicture(blended));
  const { width, height } = blended;
  for (const { labelColor, approximation } of labeledPlanes(wavelet, channels)) {
    const picture = approximationPicture({ width, height, data: approximation });
    await writer.gray(waveletPlanePath(labelColor), picture);
  }
}

function drawFace(image: RgbImage, { faces: [face] }: Detection): RgbImage {
  const picture = copyRgb(image);
  drawBox(picture, face.box);
  for (const point of face.landmarks ?? []) drawDot(picture, point);
  return picture;
}
