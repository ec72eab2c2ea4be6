/** Resamples to another size with a library's arithmetic. */
import type { FilledStep } from '../../../../../protocol/steps';
import { composed, moved, stretched } from '../placement';
import type { Placement, Size, StepKind, StepOutcome, Value } from '../step';
import { requireRoom, sizeOf } from '../step';
import { windowOf } from '../window';
import { resample } from './resample';
import { coveringPart, fitted } from './size';

/** Ultralytics' gray. */
const LETTERBOX_FILL = 114;

export const resize: StepKind<'resize', Size> = {
  id: 'resize',
  run(value, config, context) {
    const wanted = sizeOf(config.size, context);
    const size = fitted(value, wanted, config);
    requireRoom(size);
    if (config.fit === 'cover') {
      const part = coveringPart(value, size);
      return {
        value: resample(value, size, config, context.kernels, part),
        placement: composed(moved(-part.x, -part.y), stretched(part, size)),
        detail: size,
      };
    }
    const resized = resample(value, size, config, context.kernels);
    const placement = stretched(value, size);
    return config.fit === 'letterbox'
      ? letterboxed(resized, wanted, config.fill ?? LETTERBOX_FILL, placement, size)
      : { value: resized, placement, detail: size };
  },
  facts: ({ config, before, after, detail }) => [
    {
      label: 'Size',
      value: `${before.width} x ${before.height} to ${detail.width} x ${detail.height} (width x height), ${config.fit}`,
    },
    { label: 'Filter', value: filterOf(config) },
    {
      label: 'Aspect',
      value:
        config.fit === 'cover'
          ? aspect(1)
          : aspect(detail.width / before.width / (detail.height / before.height)),
    },
    ...(after.width === detail.width && after.height === detail.height
      ? []
      : [{ label: 'Margin', value: `to ${after.width} x ${after.height}` }]),
  ],
};

/** The smaller half of an odd margin is on the left and above: Ultralytics' round(d / 2 - 0.1). */
function letterboxed(
  value: Value,
  { width, height }: Size,
  fill: number | readonly number[],
  placement: Placement,
  detail: Size,
): StepOutcome<Size> {
  const x = -Math.floor((width - value.width) / 2);
  const y = -Math.floor((height - value.height) / 2);
  return {
    value: windowOf(value, { x, y, width, height }, 'constant', fill),
    placement: composed(placement, moved(-x, -y)),
    detail,
  };
}

function filterOf({ filter, like, antialias, path }: FilledStep<'resize'>): string {
  const library = { pillow: 'Pillow', opencv: 'OpenCV', torch: 'torch' }[like];
  const kernel = path === 'uint8' ? 'its 8-bit kernel' : 'in float32';
  const how = like === 'torch' ? `, ${antialias === true ? 'antialiased, ' : ''}${kernel}` : '';
  return `${filter} as ${library}${how}`;
}

/** @param stretch of the width relative to the height */
const aspect = (stretch: number): string =>
  Math.abs(stretch - 1) < 0.01 ? 'kept' : `width stretched ${stretch.toFixed(2)} times as much as the height`;
