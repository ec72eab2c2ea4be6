/** The pictures of steps A to C: input, face, wavelet. */
import { copyRgb, drawBox, drawDot } from '../imaging/draw';
import type { RgbImage } from '../imaging/image';
import type { BandedPng } from '../imaging/png';
import { encodeBands } from '../imaging/png';
import type { ArtifactWriter } from '../report/artifacts';
import { reportPaths, waveletPlanePath } from '../report/paths';
import type { Preprocessed } from './analysis';
import type { Detection } from './detection';
import type { Recipe } from './recipe';
import type { WaveletStep } from './wavelet';
import { approximationPicture, blendedPicture, waveletLabels } from './wavelet';
import { planesInOrder } from './tensor';

/** Returns once every picture is written or on its way. */
export async function writeStepPictures(
  writer: ArtifactWriter,
  { decoded, detection, crop, mask, wavelet }: Preprocessed,
  recipe: Recipe,
): Promise<void> {
  await writer.rgb(reportPaths.crop, crop.image);
  if (mask !== null) await writer.grey(reportPaths.mask, mask);
  if (wavelet !== null) await writeWavelet(writer, wavelet, recipe);
  let original: BandedPng | undefined;
  await writer.drawn(reportPaths.original, async (png) => {
    original = await encodeBands(decoded.image, png);
    return original.bytes;
  });
  // The same picture but for the rows in which the face is marked.
  await writer.drawn(reportPaths.overlay, async (png) => {
    const marked = drawFace(decoded.image, detection);
    return (await encodeBands(marked, png, original)).bytes;
  });
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
