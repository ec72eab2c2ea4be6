/** A layer's small picture, painted from its raw map: over the picture where it has height and width, bars where it has none, nothing where one position says nothing. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PartialLayer } from '../../../protocol/requests';
import { pictureAddress, usePainting } from '../context';
import { barsOf } from '../picture/bars';
import { drawMap } from '../picture/draw';
import { kindOf } from '../../../protocol/layer-kind';
import { isDrawn, type PartialHeatmap } from '../state/rows';
import { memo } from './hooks/memo';
import { useSlice } from './hooks/maps';
import { scaledMap, type PictureKind } from './layer/useShown';

const SIDE = 44;
/** Pixels of the canvas on a side: sharp at 200%. */
const PIXELS = 2 * SIDE;
/** In the place of a picture that could not say where. */
export const ONE_POSITION = '1 × 1';

export interface ThumbnailProps {
  readonly layer: PartialLayer;
  /** Undefined shows the activation. */
  readonly heatmap: PartialHeatmap | undefined;
}

/** The element around it says in words what it shows, so the picture itself is hidden from screen readers. */
function Small({ layer, heatmap }: ThumbnailProps) {
  const painting = usePainting();
  const kind = kindOf(layer);
  const shown = heatmap ?? layer.activation;
  if (kind === 'pixel') return <span class="thumbnail thumbnail-none">{ONE_POSITION}</span>;
  if (kind === 'vector') return <SmallBars slice={shown.map} />;
  if (!painting.mapsFailure) return <SmallMap kind={heatmap ? 'heatmap' : 'activation'} slice={shown.map} />;
  if (!isDrawn(layer)) return <span class="thumbnail" />;
  return (
    <img
      class="thumbnail"
      src={pictureAddress(painting, shown.picture)}
      width={SIDE}
      height={SIDE}
      alt=""
      loading="lazy"
      decoding="async"
    />
  );
}

export const Thumbnail = memo(Small);

interface Slice {
  readonly slice: PartialLayer['channelWeights'];
}

/** In the colors and on the scale that the reader chose for the large picture. */
function SmallMap({ kind, slice }: Slice & { readonly kind: PictureKind }) {
  const { painter, queue, stage, crop, display, palette, width, height } = usePainting();
  const ref = useRef<HTMLCanvasElement>(null);
  const map = useSlice(slice);
  useEffect(() => {
    if (width === 0 || height === 0 || !map) return undefined;
    return queue.add(() => {
      const context = ref.current?.getContext('2d');
      const whole = stage.of(width, height);
      const drawing = whole.getContext('2d');
      if (!context || !drawing) return;
      const colors = scaledMap(painter, kind, map, { display, palette }, { width, height });
      drawMap(drawing, painter, colors, { width, height }, crop, kind === 'heatmap' ? 0.5 : 1);
      context.imageSmoothingQuality = 'high';
      context.drawImage(whole, 0, 0, PIXELS, PIXELS);
    });
  }, [painter, queue, stage, crop, map, kind, display, palette, width, height]);
  return <canvas ref={ref} class="thumbnail" width={PIXELS} height={PIXELS} />;
}

/** As a drawing in the text's color, which follows the theme. */
function SmallBars({ slice }: Slice) {
  const values = useSlice(slice);
  const path = useMemo(() => (values ? barsPath(values.data) : ''), [values]);
  return (
    <svg class="thumbnail thumbnail-bars" viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

function barsPath(values: Float32Array): string {
  const { bars, low, high } = barsOf(values, SIDE / 2);
  const place = (value: number) => (SIDE * (high - value)) / (high - low || 1);
  const width = SIDE / bars.length;
  return bars
    .map((bar, i) => {
      const top = place(bar.high);
      const [across, down] = [Math.max(0.8 * width, 1), Math.max(place(bar.low) - top, 1)];
      return `M${(i * width).toFixed(2)} ${top.toFixed(2)}h${across.toFixed(2)}v${down.toFixed(2)}h${(-across).toFixed(2)}z`;
    })
    .join('');
}
