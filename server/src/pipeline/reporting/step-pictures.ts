/** The pictures of steps A to C: input, face, wavelet. */
import { copyRgb, drawBox, drawDot } from '../../imaging/draw';
import type { Subject } from '../../../../protocol/subject';
import type { RgbImage } from '../../imaging/image';
import type { BandedPng } from '../../imaging/png/png';
import type { PngEncoder } from '../../imaging/png/encoder';
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
    if (edit !== null) {
      const encode = async (png: PngEncoder) => (await encodeBands(edit.original, png)).bytes;
      writer.drawn(reportPaths.original, encode, { of: edit.original });
    }
    const encode = async (png: PngEncoder) => {
      this.plain = await encodeBands(image, png);
      return this.plain.bytes;
    };
    writer.drawn(edit === null ? reportPaths.original : reportPaths.edited, encode, { of: image });
  }

  /** Writes nothing if the whole picture is used: there is nothing to mark. */
  overlay(writer: ArtifactWriter, detection: Detection, subject: Subject): void {
    if (subject === 'picture') return;
    const { image } = this.decoded;
    const [face] = detection.faces;
    const encode = async (png: PngEncoder) =>
      (await encodeBands(drawFace(image, detection), png, this.plain)).bytes;
    writer.drawn(subjectPaths[subject].overlay, encode, { of: image, key: JSON.stringify(face) });
  }
}

export function writeFace(
  writer: ArtifactWriter,
  { crop, mask, prepared }: Pick<Preprocessed, 'crop' | 'mask' | 'prepared'>,
  subject: Subject,
): void {
  // Each is immutable, and the same object in every analysis that recalls it.
  writer.rgb(subjectPaths[subject].crop, () => crop.image, { of: crop.image });
  if (mask !== null) writer.gray(reportPaths.mask, () => mask, { of: mask });
  const wavelet = waveletRun(prepared.recorded);
  if (wavelet !== null) writeWavelet(writer, wavelet, prepared.channels);
}

function writeWavelet(writer: ArtifactWriter, wavelet: WaveletRun, channels: readonly ChannelName[]): void {
  const { blended } = wavelet;
  writer.rgb(reportPaths.processed, () => blendedPicture(blended), { of: blended });
  const { width, height } = blended;
  for (const { labelColor, approximation: data } of labeledPlanes(wavelet, channels))
    writer.gray(waveletPlanePath(labelColor), () => approximationPicture({ width, height, data }), {
      of: data,
    });
}

function drawFace(image: RgbImage, { faces: [face] }: Detection): RgbImage {
  const picture = copyRgb(image);
  drawBox(picture, face.box);
  for (const point of face.landmarks ?? []) drawDot(picture, point);
  return picture;
}
