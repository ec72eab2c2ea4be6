/** The pictures of steps A to C: input, face, wavelet. */
import { copyRgb, drawBox, drawDot } from '../../imaging/draw';
import type { Subject } from '../../../../protocol/subject';
import type { RgbImage } from '../../imaging/image';
import type { BandedPng } from '../../imaging/png/png';
import { encodeBands } from '../../imaging/png/png';
import type { ArtifactWriter } from '../../report/artifacts';
import { reportPaths, subjectPaths, waveletPlanePath } from '../../report/paths';
import type { Preprocessed } from '../analysis';
import type { EditedImage } from '../edited';
import type { Detection } from '../face/detection';
import type { ChannelName } from '../steps/step';
import { approximationPicture, blendedPicture } from '../steps/wavelet/pictures';
import type { WaveletRun } from '../steps/wavelet/report';
import { labeledPlanes, waveletRun } from '../steps/wavelet/report';

/** The input, plain and with the face marked: the two differ only in the rows of the mark. */
export class InputPictures {
  private plain: BandedPng | undefined;

  constructor(private readonly decoded: Pick<EditedImage, 'image' | 'edit'>) {}

  /** The file's picture, and the edited one if there is one. */
  original(writer: ArtifactWriter): void {
    const { image, edit } = this.decoded;
    if (edit !== null)
      writer.drawn(reportPaths.original, async (png) => (await encodeBands(edit.original, png)).bytes);
    writer.drawn(edit === null ? reportPaths.original : reportPaths.edited, async (png) => {
      this.plain = await encodeBands(image, png);
      return this.plain.bytes;
    });
  }

  /** Writes nothing if the whole picture is used: there is nothing to mark. */
  overlay(writer: ArtifactWriter, detection: Detection, subject: Subject): void {
    if (subject === 'picture') return;
    writer.drawn(subjectPaths[subject].overlay, async (png) => {
      const marked = drawFace(this.decoded.image, detection);
      return (await encodeBands(marked, png, this.plain)).bytes;
    });
  }
}

export function writeFace(
  writer: ArtifactWriter,
  { crop, mask, prepared }: Pick<Preprocessed, 'crop' | 'mask' | 'prepared'>,
  subject: Subject,
): void {
  writer.rgb(subjectPaths[subject].crop, crop.image);
  if (mask !== null) writer.gray(reportPaths.mask, mask);
  const wavelet = waveletRun(prepared.recorded);
  if (wavelet !== null) writeWavelet(writer, wavelet, prepared.channels);
}

function writeWavelet(writer: ArtifactWriter, wavelet: WaveletRun, channels: readonly ChannelName[]): void {
  const { blended } = wavelet;
  writer.rgb(reportPaths.processed, blendedPicture(blended));
  const { width, height } = blended;
  for (const { labelColor, approximation } of labeledPlanes(wavelet, channels)) {
    const picture = approximationPicture({ width, height, data: approximation });
    writer.gray(waveletPlanePath(labelColor), picture);
  }
}

function drawFace(image: RgbImage, { faces: [face] }: Detection): RgbImage {
  const picture = copyRgb(image);
  drawBox(picture, face.box);
  for (const point of face.landmarks ?? []) drawDot(picture, point);
  return picture;
}
