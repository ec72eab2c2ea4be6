/** A layer without height and width: its values as bars around zero, never shown over the picture. */
import { useMemo } from 'preact/hooks';
import { barsOf } from '../../picture/bars';
import { decimals, whole } from '../../text/numbers';
import { t } from '../../l10n';

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
  const words = [
    barsSentence(values.length, each),
    ...(notFinite > 0 ? [t('{0} not finite and not drawn', whole(notFinite))] : []),
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
          aria-label={t('{0}: {1}; from {2} to {3}', label, words, decimals(low), decimals(high))}
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

/** How many values there are, and what a bar stands for. */
function barsSentence(count: number, each: number): string {
  if (count === 1) return t('1 value');
  return each === 1
    ? t('{0} values, one per bar', whole(count))
    : t('{0} values, {1} per bar, from the smallest to the largest', whole(count), each);
}

function titleOf(index: number, each: number, values: Float32Array, low: number, high: number): string {
  if (each === 1) return `#${index}: ${decimals(values[index] ?? Number.NaN)}`;
  const last = Math.min((index + 1) * each, values.length) - 1;
  return t('#{0} to #{1}: {2} to {3}', index * each, last, decimals(low), decimals(high));
}
