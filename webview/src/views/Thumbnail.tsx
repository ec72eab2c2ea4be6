/** A layer's small picture: the report's own where it has height and width, bars where it has none, nothing where one position says nothing. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PartialLayer } from '../../../protocol/requests';
import { pictureAddress, usePanel } from '../context';
import { barsOf } from '../picture/bars';
import { cutMap } from '../picture/floatMap';
import { kindOf } from '../state/layer-kind';
import { isDrawn, type PartialHeatmap } from '../state/rows';

const SIDE = 44;
/** In the place of a picture that could not say where. */
export const ONE_POSITION = '1 × 1';

export interface ThumbnailProps {
  readonly layer: PartialLayer;
  /** Undefined shows the activation. */
  readonly heatmap: PartialHeatmap | undefined;
}

/** The element around it says in words what it shows, so the picture itself is hidden from screen readers. */
export function Thumbnail({ layer, heatmap }: ThumbnailProps) {
  const { state } = usePanel();
  const kind = kindOf(layer);
  const shown = heatmap ?? layer.activation;
  if (kind === 'pixel') return <span class="thumbnail thumbnail-none">{ONE_POSITION}</span>;
  if (kind === 'vector') return <SmallBars slice={shown.map} />;
  if (!isDrawn(layer)) return <span class="thumbnail" />;
  return (
    <img
      class="thumbnail"
      src={pictureAddress(state, shown.picture)}
      width={SIDE}
      height={SIDE}
      alt=""
      loading="lazy"
      decoding="async"
    />
  );
}

function SmallBars({ slice }: { readonly slice: PartialLayer['channelWeights'] }) {
  const { maps } = usePanel().state;
  const ref = useRef<HTMLCanvasElement>(null);
  const values = useMemo(() => (maps ? cutMap(maps, slice) : null), [maps, slice]);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || !values) return;
    const { bars, low, high } = barsOf(values.data, SIDE / 2);
    const place = (value: number) => (SIDE * (high - value)) / (high - low || 1);
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillStyle = getComputedStyle(canvas).color;
    const width = SIDE / bars.length;
    bars.forEach((bar, i) => {
      const top = place(bar.high);
      context.fillRect(i * width, top, Math.max(0.8 * width, 1), Math.max(place(bar.low) - top, 1));
    });
  }, [values]);
  return <canvas ref={ref} class="thumbnail thumbnail-bars" width={SIDE} height={SIDE} />;
}
