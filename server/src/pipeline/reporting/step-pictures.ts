/** The pictures of steps A to C: input, face, wavelet. */
import { copyRgb, drawBox, drawDot } from '../../imaging/draw';
import type { RgbImage } from '../../imaging/image';
import type { BandedPng } from '../../imaging/png/png';
import { encodeBands } from '../../imaging/png/png';
import type { ArtifactWriter } from '../../report/artifacts';
import { reportPaths, waveletPlanePath } from '../../report/paths';
import type { Preprocessed } from '../analysis';
import type { Detection } from '../face/detection';
import type { Recipe } from '../recipe';
import type { WaveletStep } from '../steps/wavelet';
import { approximationPicture, blendedPicture, waveletLabels } from '../steps/wavelet';
import { planesInOrder } from '../steps/tensor';

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
  { crop, mask, wavelet }: Pick<Preprocessed, 'crop' | 'mask' | 'wavelet'>,
  recipe: Recipe,
): Promise<void> {
  await writer.rgb(reportPaths.crop, crop.image);
  if (mask !== null) await writer.grey(reportPaths.mask, mask);
  if (wavelet !== null) await writeWavelet(writer, wavelet, recipe);
}

async function writeWavelet(writer: ArtifactWriter, wavelet: WaveletStep, recipe: Recipe): Promise<void> {
  await writer.rgb(reportPaths.processed, blendedPicture(wavelet));
  for (const [position, plane] of planesInOrder(recipe.channelOrder).entries()) {
    const path = waveletPlanePath(waveletLabels(position).labelColour);
    await writer.grey(path, approximationPicture(wavelet.approximations[plane]));
  }
}

function drawFace(image: RgbImage, { faces: [face] }: Detection): RgbImage {
  const picture = copyRgb(image);
  drawBox(picture, face.box);
  for (const point of face.landmarks ?? []) drawDot(picture, point);
  return picture;
}
