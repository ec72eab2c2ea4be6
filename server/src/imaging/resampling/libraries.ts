/** Resizing 8-bit pixels with the arithmetic of Pillow, OpenCV or torch. */
import type { Kernels } from '../kernels';
import { resizeLinear } from '../resize';
import { roundHalfEven } from '../round';
import type { Resampling } from './choices';
import { NEAREST, PILLOW_FILTERS, torchFilter } from './choices';
import { resizeOpencv } from './opencv';
import { resizeArea } from './opencv-area';
import { resizePillow } from './pillow';
import { pickPixels } from './pick';
import type { PixelGrid } from './pixels';
import { resizePlanes } from './planes';
import { resizeTorchUint8 } from './torch';

export function resizePixels(
  source: PixelGrid,
  width: number,
  height: number,
  how: Resampling,
  kernels: Kernels,
): PixelGrid {
  const { like, filter, antialias, path } = how;
  if (filter === 'nearest') {
    const samples = NEAREST[like];
    return pickPixels(source, samples(source.width, width), samples(source.height, height));
  }
  if (like === 'pillow') return resizePillow(source, width, height, PILLOW_FILTERS[filter]);
  if (like === 'torch')
    return path === 'uint8'
      ? resizeTorchUint8(source, width, height, torchFilter(filter), antialias)
      : throughFloat(source, width, height, how, kernels);
  if (filter === 'bilinear') return resizeLinear(source, width, height);
  return filter === 'area' ? resizeArea(source, width, height) : resizeOpencv(source, width, height, filter);
}

/** As torchvision does it: cast to float32, resized, rounded (halves to even), cut off at 0 and 255. Within one level. */
function throughFloat(
  source: PixelGrid,
  width: number,
  height: number,
  how: Resampling,
  kernels: Kernels,
): PixelGrid {
  const { channels } = source;
  const planes = Array.from({ length: channels }, (_, channel) => planeOf(source, channel));
  const resized = resizePlanes(planes, source, { width, height }, how, kernels);
  const data = new Uint8Array(width * height * channels);
  resized.forEach((plane, channel) => roundInto(plane, data, channel, channels));
  return { width, height, channels, data };
}

function planeOf({ width, height, channels, data }: PixelGrid, channel: number): Float32Array {
  const out = new Float32Array(width * height);
  for (let i = 0, at = channel; i < out.length; i++, at += channels) out[i] = data[at] as number;
  return out;
}

function roundInto(plane: Float32Array, out: Uint8Array, channel: number, channels: number): void {
  for (let i = 0, at = channel; i < plane.length; i++, at += channels)
    out[at] = Math.min(Math.max(roundHalfEven(plane[i] as number), 0), 255);
}
