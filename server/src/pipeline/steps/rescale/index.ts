/** value x factor + offset, in float64 and rounded to float32 once. Of 8-bit pixels, 1/255 gives the same float32 as a division by 255. */
import type { StepKind } from '../step';
import { mapped } from '../step';

export const rescale: StepKind<'rescale', null> = {
  id: 'rescale',
  run: (value, { factor, offset }) => ({
    value: mapped(value, (values, _, out) => scale(values, factor, offset, out)),
    detail: null,
  }),
  facts: ({ config: { factor, offset } }) => [
    {
      label: 'Formula',
      value: `value x ${fraction(factor)}${offset === 0 ? '' : offset < 0 ? ` - ${-offset}` : ` + ${offset}`}`,
    },
  ],
};

function scale(values: Float32Array, factor: number, offset: number, out: Float32Array): void {
  for (let i = 0; i < values.length; i++) out[i] = (values[i] as number) * factor + offset;
}

/** For display: 1/255 rather than 0.00392156862745098. */
function fraction(factor: number): string {
  const inverse = 1 / factor;
  const short = Math.round(inverse * 10) / 10;
  return Math.abs(factor) < 0.5 && 1 / short === factor ? `1/${short}` : String(factor);
}
