/** A layer without height and width: its values as bars around zero, never laid over the picture. */
import { useMemo } from 'preact/hooks';
import { barsOf } from '../../picture/bars';
import { decimals } from '../../text/numbers';

/** As many as can be distinguished on a narrow screen. */
const MOST_BARS = 128;
const HEIGHT = 100;

export interface VectorBarsProps {
  readonly values: Float32Array;
  readonly label: string;
}

export function VectorBars({ values, label }: VectorBarsProps) {
  const { bars, each, low, high, notFinite } = useMemo(() => barsOf(values, MOST_BARS), [values]);
  const span = high - low || 1;
  const place = (value: number) => (HEIGHT * (high - value)) / span;
  const unit = values.length === 1 ? '1 value' : `${values.length.toLocaleString('en')} values`;
  const words = [
    `${unit}, ${each === 1 ? 'one per bar' : `${each} per bar, from the smallest to the largest`}`,
    ...(notFinite > 0 ? [`${notFinite} not finite and not drawn`] : []),
  ].join('; ');
  return (
    <figure class="vector-bars">
      <div class="vector-plot">
        <div class="vector-ticks" aria-hidden="true">
          <span>{decimals(high)}</span>
          <span>{decimals(low)}</span>
        </div>
        <svg
          viewBox={`0 0 ${bars.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label}: ${words}; from ${decimals(low)} to ${decimals(high)}`}
        >
          {bars.map((bar, i) => {
            const top = place(bar.high);
            const kind = Math.abs(bar.low) > bar.high ? 'bar-negative' : 'bar-value';
            return (
              <rect key={i} class={kind} x={i + 0.1} width={0.8} y={top} height={place(bar.low) - top}>
                <title>{titleOf(i, each, values, bar.low, bar.high)}</title>
              </rect>
            );
          })}
          <line class="bar-zero" x1={0} x2={bars.length} y1={place(0)} y2={place(0)} />
        </svg>
      </div>
      <figcaption>{`${words}.`}</figcaption>
    </figure>
  );
}

function titleOf(index: number, each: number, values: Float32Array, low: number, high: number): string {
  if (each === 1) return `#${index}: ${decimals(values[index] ?? Number.NaN)}`;
  const last = Math.min((index + 1) * each, values.length) - 1;
  return `#${index * each} to #${last}: ${decimals(low)} to ${decimals(high)}`;
}
