/** Steps B2 to C: from the face to the tensor that the network receives. */
import type { CropMode } from '../../../../protocol/vocabulary';
import type { RgbImage } from '../../imaging/image';
import type { Kernels } from '../../imaging/kernels';
import type { Tensor } from '../../runtime/session';
import type { Crop } from '../face/crop';
import { cropFace, wholeImage } from '../face/crop';
import type { Detection } from '../face/detection';
import type { Recipe } from '../recipe';
import { toPlanes, toTensor } from './tensor';
import type { WaveletStep } from './wavelet';
import { waveletStep } from './wavelet';

/** @param size side of the network's square input; @param mode null takes the recipe's */
export function cropFor(
  image: RgbImage,
  { detector, faces }: Detection,
  recipe: Pick<Recipe, 'crop'>,
  mode: CropMode | null,
  size: number,
): Crop {
  return detector.id === 'none'
    ? wholeImage(image, size)
    : cropFace(image, faces[0].box, mode ?? recipe.crop, size);
}

/**
 * The wavelet step, where the recipe has one, and the tensor (1, 3, H, W).
 * @param kernels whose memory is used; afterwards it is free again
 */
export function tensorFor(
  crop: RgbImage,
  recipe: Pick<Recipe, 'wavelet' | 'channelOrder' | 'normalisation'>,
  kernels?: Kernels,
): { readonly wavelet: WaveletStep | null; readonly tensor: Extract<Tensor, { type: 'float32' }> } {
  const planes = toPlanes(crop);
  const wavelet = recipe.wavelet === null ? null : waveletStep(planes, recipe.wavelet, kernels);
  return { wavelet, tensor: toTensor(wavelet === null ? planes : wavelet.blended, recipe) };
}
