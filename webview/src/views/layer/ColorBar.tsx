/** What the colors stand for: the color table from bottom to top, with the values at its ends and in its middle. */
import { useEffect, useRef } from 'preact/hooks';
import { paint, palette, type PaletteName } from '../../picture/palettes';
import { decimals } from '../../text/numbers';
import { t } from '../../l10n';

const STEPS = 256;

export interface ColorBarProps {
  readonly palette: PaletteName;
  readonly low: number;
  readonly high: number;
  /** What is measured, such as "Grad-CAM after ReLU". */
  readonly what: string;
}

export function ColorBar({ palette: name, low, high, what }: ColorBarProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const levels = Float32Array.from({ length: STEPS }, (_, i) => 1 - i / (STEPS - 1));
    ref.current?.getContext('2d')?.putImageData(new ImageData(paint(levels, palette(name)), 1, STEPS), 0, 0);
  }, [name]);
  const ticks = [high, (low + high) / 2, low];
  return (
    <div
      class="color-bar"
      role="img"
      aria-label={t('{0}: colors from {1} to {2}', what, decimals(low), decimals(high))}
    >
      <canvas ref={ref} class="color-bar-colors" width={1} height={STEPS} />
      <div class="color-bar-ticks">
        {ticks.map((tick, i) => (
          <span key={i}>{decimals(tick)}</span>
        ))}
      </div>
    </div>
  );
}
