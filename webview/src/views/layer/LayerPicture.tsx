/** A map in color over the picture, on a canvas: zoomed with the wheel, moved by dragging, read under the cursor. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { pictureAddress, usePanel } from '../../context';
import type { FloatMap } from '../../picture/floatMap';
import { drawMap } from '../../picture/draw';
import type { Cursor } from '../../picture/inspection';
import type { Zoom } from '../../picture/zoom';
import { useWidth } from '../hooks/width';
import { CellValues } from './CellValues';
import { usePointer } from './usePointer';
import type { PictureKind, Scaled } from './useShown';
import { t } from '../../l10n';

export interface LayerPictureProps {
  readonly kind: PictureKind;
  /** Null until the raw map is here; the report's own picture stands in where it cannot be read. */
  readonly map: FloatMap | null;
  readonly scaled: Scaled | null;
  /** Null until it is drawn. */
  readonly picture: string | null;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly zoom: Zoom;
  readonly setZoom: (zoom: Zoom) => void;
  readonly cursor: Cursor | null;
  readonly setCursor: (cursor: Cursor | null) => void;
  /** Stays where it is until another place is pinned, or Escape. */
  readonly pin: Cursor | null;
  readonly setPin: (pin: Cursor | null) => void;
  /** Id of the element that says what lies there. */
  readonly readout?: string;
}

export function LayerPicture(props: LayerPictureProps) {
  const { kind, map, picture, label, zoom, cursor, pin, width, height, readout = 'readout' } = props;
  const { state, view } = usePanel();
  const opacity = kind === 'heatmap' ? view.heatmapOpacity : view.activationOpacity;
  const { frame, handlers } = usePointer(props);
  const canvas = useCanvas(props, opacity);
  const room = useWidth(frame);
  const transform = `translate(${100 * zoom.x}%, ${100 * zoom.y}%) scale(${zoom.scale})`;
  const sharp = zoom.scale > 3 || view.display.drawing === 'cells';
  // A picture that is not square keeps its shape.
  const shape = width > 0 && height > 0 ? { aspectRatio: `${width} / ${height}` } : {};
  // Not a plain image: it takes keys, and says with the readout what lies under the crosshair.
  return (
    <div
      ref={frame}
      class="viewport"
      style={shape}
      role="application"
      aria-roledescription={t('picture')}
      aria-label={t(
        '{0}. Arrow keys move the crosshair, Enter pins it, plus and minus zoom, 0 shows it whole.',
        label,
      )}
      aria-describedby={readout}
      tabIndex={0}
      {...handlers}
    >
      <div class={sharp ? 'zoomed zoomed-far' : 'zoomed'} style={{ transform }}>
        {picture !== null && state.mapsFailure && (
          <img class="layer-still" src={pictureAddress(state, picture)} alt="" />
        )}
        {map && <canvas ref={canvas} class="layer-canvas" width={width} height={height} />}
      </div>
      {map && width > 0 && <CellValues map={map} zoom={zoom} width={room} height={(room * height) / width} />}
      {pin && <Crosshair cursor={pin} zoom={zoom} pinned />}
      {cursor && <Crosshair cursor={cursor} zoom={zoom} />}
    </div>
  );
}

interface CrosshairProps {
  readonly cursor: Cursor;
  readonly zoom: Zoom;
  readonly pinned?: boolean;
}

function Crosshair({ cursor, zoom, pinned = false }: CrosshairProps) {
  const left = `${100 * (zoom.x + zoom.scale * cursor.u)}%`;
  const top = `${100 * (zoom.y + zoom.scale * cursor.v)}%`;
  return <span class={pinned ? 'crosshair crosshair-pinned' : 'crosshair'} style={{ left, top }} />;
}

/** Draws the colored map over the picture, in the frame that shows its numbers. At one half of a heatmap, these are the pixels of the report's own file. */
function useCanvas({ scaled, width, height }: LayerPictureProps, opacity: number) {
  const { painter, crop } = usePanel();
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context || !scaled || width === 0 || height === 0) return;
    drawMap(context, painter, scaled, { width, height }, crop, opacity);
  }, [painter, crop, scaled, opacity, width, height]);
  return ref;
}
