/** The resampling of a resize step, by library, filter and type of the values. */
import type { FilledStep } from '../../../../../protocol/steps';
import type { Kernels } from '../../../imaging/kernels';
import { resizePixels } from '../../../imaging/resampling/libraries';
import { resizePlanes } from '../../../imaging/resampling/planes';
import type { Resampling } from '../../../imaging/resampling/choices';
import type { Part } from '../../../imaging/resampling/pillow';
import type { Size, Value } from '../step';

export function resample(
  value: Value,
  { width, height }: Size,
  { like, filter, antialias = false, path = 'float' }: FilledStep<'resize'>,
  kernels: Kernels,
  part?: Part,
): Value {
  const how: Resampling = { like, filter, antialias, path, ...(part === undefined ? {} : { part }) };
  if (value.type === 'uint8') {
    const { channels } = value;
    const { data } = resizePixels({ ...value, channels: channels.length }, width, height, how, kernels);
    return { ...value, width, height, data };
  }
  return {
    ...value,
    width,
    height,
    planes: resizePlanes(value.planes, value, { width, height }, how, kernels),
  };
}
