/** A margin around the picture: up to a size, to a square, or to multiples of the network's stride. */
import type { FilledStep } from '../../../../../protocol/steps';
import { LensError } from '../../../errors';
import { moved } from '../placement';
import type { Size, StepContext, StepKind } from '../step';
import { sizeOf } from '../step';
import type { Window } from '../window';
import { windowOf } from '../window';

export const pad: StepKind<'pad', Window> = {
  id: 'pad',
  run(value, config, context) {
    const { width, height } = targetSize(value, config, context);
    const before = (margin: number): number => (config.at === 'center' ? Math.floor(margin / 2) : 0);
    const window = {
      ...{ width, height, x: -before(width - value.width), y: -before(height - value.height) },
    };
    if (config.mode === 'reflect') requireMirror(value, window);
    return {
      value: windowOf(value, window, config.mode, config.fill),
      placement: moved(-window.x, -window.y),
      detail: window,
    };
  },
  facts: ({ config, before, detail: { x, y, width, height } }) => [
    {
      label: 'Margin',
      value: `left ${-x}, top ${-y}, right ${width + x - before.width}, bottom ${height + y - before.height}`,
    },
    { label: 'Filled with', value: config.mode === 'constant' ? String(config.fill) : config.mode },
  ],
};

/** Never smaller than the picture. */
function targetSize(
  { width, height }: Size,
  { to, size, multiple = 1 }: FilledStep<'pad'>,
  context: StepContext,
): Size {
  const upTo = (side: number): number => Math.ceil(side / multiple) * multiple;
  switch (to) {
    case 'square': {
      const side = Math.max(width, height);
      return { width: side, height: side };
    }
    case 'multiple':
      return { width: upTo(width), height: upTo(height) };
    case 'size': {
      const wanted = sizeOf(size, context);
      return { width: Math.max(width, wanted.width), height: Math.max(height, wanted.height) };
    }
  }
}

/** Like reflect padding of torch and NumPy: a picture can be mirrored once, without its border pixel. */
function requireMirror({ width, height }: Size, { x, y, ...window }: Window): void {
  const margins = [
    [-x, width],
    [window.width + x - width, width],
    [-y, height],
    [window.height + y - height, height],
  ] as const;
  const wide = margins.find(([margin, side]) => margin >= side);
  if (wide === undefined) return;
  throw new LensError(
    'usage',
    `"mode": a margin of ${wide[0]} pixels cannot be mirrored from a picture that has ${wide[1]} there.`,
    { fix: 'Change "mode" in the lens to "edge" or "constant", or resize the picture in an earlier step.' },
  );
}
