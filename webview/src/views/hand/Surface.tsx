/** The picture with the strokes, painted by the code that paints it for the network. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { paintStrokes } from '../../../../painting/strokes';
import type { Stroke } from '../../../../protocol/strokes';
import { t } from '../../l10n';
import { scaledStroke } from '../../state/hand';
import type { Base } from './useBase';

export function Surface({ base, strokes }: { readonly base: Base; readonly strokes: readonly Stroke[] }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { size, pixels } = base;
  const { width, height } = pixels;
  useLayoutEffect(() => {
    const scale = width / size.width;
    const scaled = scale === 1 ? strokes : strokes.map((stroke) => scaledStroke(stroke, scale));
    const { data } = strokes.length === 0 ? pixels : paintStrokes(pixels, scaled).image;
    const image = new ImageData(width, height);
    for (let i = 0, o = 0; i < data.length; i += 3, o += 4) {
      image.data[o] = data[i] as number;
      image.data[o + 1] = data[i + 1] as number;
      image.data[o + 2] = data[i + 2] as number;
      image.data[o + 3] = 255;
    }
    ref.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [pixels, size, strokes, width, height]);
  return (
    <canvas
      ref={ref}
      class="hand-surface"
      {...{ width, height }}
      role="img"
      aria-label={strokes.length === 0 ? t('The input image') : t('The input image, edited by hand')}
    />
  );
}
