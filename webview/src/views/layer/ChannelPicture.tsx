/** One channel's activation, small, from its smallest to its largest value. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { FloatMap } from '../../picture/floatMap';
import { minMax } from '../../picture/levels';
import { paint, palette } from '../../picture/palettes';
import { t } from '../../l10n';

export function ChannelPicture({ map, index }: { readonly map: FloatMap | null; readonly index: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const colors = useMemo(() => {
    if (!map) return null;
    const levels = minMax(map)?.data ?? new Float32Array(map.data.length);
    return new ImageData(paint(levels, palette('viridis')), map.width, map.height);
  }, [map]);
  useEffect(() => {
    if (colors) ref.current?.getContext('2d')?.putImageData(colors, 0, 0);
  }, [colors]);
  return (
    <canvas
      ref={ref}
      class="channel-picture"
      width={map?.width ?? 1}
      height={map?.height ?? 1}
      role="img"
      aria-label={t('Activation of channel {0}', index)}
    />
  );
}
