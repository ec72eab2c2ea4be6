/** Resizing 8-bit pixels with the arithmetic of Pillow, OpenCV or torch. */
import type { Kernels } from '../kernels';
import { resizeLinear } from '../resize';
import type { Resampling } from './choices';
import { opencvFilter, pickerOf, pillowFilter, torchFilter } from './choices';
import { resizeOpencv } from './opencv';
import { resizeArea } from './opencv-area';
import { resizePillow } from './pillow';
import { pickPixels } from './pick';
import type { PixelGrid } from './pixels';
import { resizeTorchFloat, resizeTorchUint8 } from './torch';

/** @param kernels whose memory is used; afterwards it is free again */
export function resizePixels(
  source: PixelGrid,
  width: number,
  height: number,
  { like, filter, antialias, path, part }: Resampling,
  kernels: Kernels,
): PixelGrid {
  const samples = pickerOf({ like, filter });
  if (samples !== null)
    return pickPixels(source, samples(source.width, width), samples(source.height, height));
  if (like === 'pillow') return resizePillow(source, width, height, pillowFilter(filter), part, kernels);
  if (like === 'torch')
    return path === 'uint8'
      ? resizeTorchUint8(source, width, height, torchFilter(filter), antialias, kernels)
      : resizeTorchFloat(source, width, height, torchFilter(filter), antialias);
  const kind = opencvFilter(filter);
  if (kind === 'bilinear') return resizeLinear(source, width, height);
  return kind === 'area' ? resizeArea(source, width, height) : resizeOpencv(source, width, height, kind);
}
