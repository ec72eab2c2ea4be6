/** Steps B2 to C: from the image to the tensor that the network receives. */
import type { FilledStep } from '../../../../protocol/steps';
import type { CropMode } from '../../../../protocol/vocabulary';
import { Kernels } from '../../imaging/kernels';
import type { GrayImage, RgbImage } from '../../imaging/image';
import type { Crop, Region } from '../face/crop';
import { faceRegion, wholeImage } from '../face/crop';
import type { Detection } from '../face/detection';
import type { StepsResult } from './run-steps';
import { runSteps } from './run-steps';
import type { Pixels, Size } from './step';

/** What the network looks at, and how it got there. */
export interface Prepared extends StepsResult {
  readonly crop: Crop;
}

/** The same, with the detector's mask of the face. */
export interface PreparedPicture {
  readonly prepared: Prepared;
  /** Null where landmarks are unknown. */
  readonly mask: GrayImage | null;
}

/** The part of the image that the steps begin with. */
export const regionFor = (
  image: RgbImage,
  { detector, faces }: Detection,
  { crop }: { readonly crop: CropMode },
): Region => (detector.id === 'none' ? wholeImage(image) : faceRegion(image, faces[0].box, crop));

/**
 * @param input size of the network's input
 * @param kernels whose memory is used; afterwards it is free again
 * @throws LensError of kind `usage` if a step cannot be applied; whether the steps end at the network's size is for `requireShape`
 */
export function prepareInput(
  { image, ...place }: Region,
  { preprocess }: { readonly preprocess: readonly FilledStep[] },
  input: Size,
  kernels = new Kernels(),
): Prepared {
  const steps = runSteps(pixelsOf(image), preprocess, { input, kernels });
  return { ...steps, crop: { ...place, image: steps.seen, placement: steps.placement } };
}

export const pixelsOf = ({ width, height, data }: RgbImage): Pixels => ({
  ...{ type: 'uint8', width, height, data },
  channels: ['red', 'green', 'blue'],
});
