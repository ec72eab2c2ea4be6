/** A map in color over the face, on a canvas: zoomed with the wheel, moved by dragging, read under the cursor. */
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { pictureAddress, usePanel } from '../context';
import type { FloatMap } from '../picture/floatMap';
import { activationLevels, heatLevels, signedLevels } from '../picture/levels';
import { paint, palette, type PaletteName } from '../picture/palettes';
import { panBy, pictureAt, unzoomed, zoomAt, type Zoom } from '../picture/zoom';
import type { View } from '../state/view';
import type { Cursor } from '../picture/inspection';

export interface LayerPictureProps {
  readonly kind: 'heatmap' | 'activation';
  /** Null until the raw maps are here: the report's own picture stands in. */
  readonly map: FloatMap | null;
  /** Whether the map is a vector, laid out as a square. */
  readonly layout: 'map' | 'vector';
  /** Null until it is drawn. */
  readonly picture: string | null;
  /** The face under the colors. */
  readonly crop: string | null;
  /** Side of the face in pixels. */
  readonly size: number;
  readonly label: string;
  readonly zoom: Zoom;
  readonly setZoom: (zoom: Zoom) => void;
  readonly cursor: Cursor | null;
  readonly setCursor: (cursor: Cursor | null) => void;
}

export function LayerPicture(props: LayerPictureProps) {
  const { kind, map, picture, label, zoom, cursor, size } = props;
  const { state, view, choose } = usePanel();
  const opacity = kind === 'heatmap' ? view.heatmapOpacity : view.activationOpacity;
  const setOpacity = (value: number) =>
    choose(kind === 'heatmap' ? { heatmapOpacity: value } : { activationOpacity: value });
  const { frame, handlers } = usePointer(props);
  const canvas = useCanvas(props, opacity);
  const transform = `translate(${100 * zoom.x}%, ${100 * zoom.y}%) scale(${zoom.scale})`;
  return (
    <figure class="layer-picture">
      {/* Not a plain image: it takes keys, and says with the readout what lies under the crosshair. */}
      <div
        ref={frame}
        class="viewport"
        role="application"
        aria-roledescription="picture"
        aria-label={`${label}. Arrow keys move the crosshair, plus and minus zoom, 0 shows it whole.`}
        aria-describedby="readout"
        tabIndex={0}
        {...handlers}
      >
        <div class={zoom.scale > 3 ? 'zoomed zoomed-far' : 'zoomed'} style={{ transform }}>
          {picture !== null && <img class="layer-still" src={pictureAddress(state, picture)} alt="" />}
          {map && <canvas ref={canvas} class="layer-canvas" width={size} height={size} />}
        </div>
        {cursor && <Crosshair cursor={cursor} zoom={zoom} />}
      </div>
      <label class="opacity">
        <span>{kind === 'heatmap' ? 'Heatmap' : 'Activation'}</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={opacity}
          disabled={!map}
          aria-label={`Opacity of the ${kind}`}
          onInput={(event) => setOpacity(event.currentTarget.valueAsNumber)}
        />
        <output>{`${Math.round(100 * opacity)}%`}</output>
      </label>
    </figure>
  );
}

function Crosshair({ cursor, zoom }: { readonly cursor: Cursor; readonly zoom: Zoom }) {
  const left = `${100 * (zoom.x + zoom.scale * cursor.u)}%`;
  const top = `${100 * (zoom.y + zoom.scale * cursor.v)}%`;
  return <span class="crosshair" style={{ left, top }} />;
}

/** The colors as 0..1 for one palette; null where the map shows nothing. */
function levels(
  { kind, layout, size }: LayerPictureProps,
  map: FloatMap,
  name: PaletteName,
): FloatMap | null {
  if (name === 'signed') return signedLevels(map, size);
  return kind === 'heatmap' ? heatLevels(map, size, layout) : activationLevels(map, size);
}

const paletteOf = (kind: 'heatmap' | 'activation', chosen: View['palette']): PaletteName =>
  chosen === 'report' ? (kind === 'heatmap' ? 'jet' : 'viridis') : chosen;

/** The colored map as a picture of its own, ready to be laid over the face. */
function useColors(props: LayerPictureProps, chosen: View['palette']): HTMLCanvasElement | null {
  const { kind, layout, map, size } = props;
  const name = paletteOf(kind, chosen);
  return useMemo(() => {
    if (!map || size === 0) return null;
    const nothing = new Float32Array(size * size).fill(name === 'signed' ? 0.5 : 0);
    const scaled = levels(props, map, name)?.data ?? nothing;
    const layer = document.createElement('canvas');
    layer.width = layer.height = size;
    layer.getContext('2d')?.putImageData(new ImageData(paint(scaled, palette(name)), size, size), 0, 0);
    return layer;
  }, [kind, layout, map, name, size]);
}

function useImage(address: string | null): HTMLImageElement | null {
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    if (address === null) return undefined;
    const loading = new Image();
    loading.src = address;
    let wanted = true;
    loading.decode().then(
      () => {
        if (wanted) setImage(loading);
      },
      () => {
        if (wanted) setImage(null); // the colors alone are still worth showing
      },
    );
    return () => {
      wanted = false;
    };
  }, [address]);
  return image;
}

function useCanvas(props: LayerPictureProps, opacity: number) {
  const { state, view } = usePanel();
  const ref = useRef<HTMLCanvasElement>(null);
  const face = useImage(props.crop === null ? null : pictureAddress(state, props.crop));
  const colors = useColors(props, view.palette);
  const { size } = props;
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context || !colors) return;
    context.globalAlpha = 1;
    context.clearRect(0, 0, size, size);
    if (face) context.drawImage(face, 0, 0, size, size);
    context.globalAlpha = opacity;
    context.drawImage(colors, 0, 0);
  }, [face, colors, opacity, size]);
  return ref;
}

/** Wheel, drag, hover and keys, in 0..1 of the frame. */
function usePointer({ zoom, setZoom, cursor, setCursor, size }: LayerPictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const dragged = useRef<{ readonly u: number; readonly v: number } | null>(null);
  const place = (event: MouseEvent) => placeIn(frame.current, event);
  useWheel(frame, zoom, setZoom);
  const moveCursor = (du: number, dv: number) => {
    const within = (value: number) => Math.min(Math.max(value, 0.5 / size), 1 - 0.5 / size);
    setCursor({ u: within((cursor?.u ?? 0.5) + du / size), v: within((cursor?.v ?? 0.5) + dv / size) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.shiftKey ? 10 : 1;
    const { key } = event;
    if (key === '+' || key === '=') setZoom(zoomAt(zoom, 1.5, 0.5, 0.5));
    else if (key === '-') setZoom(zoomAt(zoom, 1 / 1.5, 0.5, 0.5));
    else if (key === '0') setZoom(unzoomed);
    else if (key === 'ArrowLeft') moveCursor(-far, 0);
    else if (key === 'ArrowRight') moveCursor(far, 0);
    else if (key === 'ArrowUp') moveCursor(0, -far);
    else if (key === 'ArrowDown') moveCursor(0, far);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    frame.current?.setPointerCapture(event.pointerId);
    dragged.current = place(event);
  };
  const onPointerMove = (event: PointerEvent) => {
    const now = place(event);
    if (dragged.current && zoom.scale > 1) {
      setZoom(panBy(zoom, now.u - dragged.current.u, now.v - dragged.current.v));
      dragged.current = now;
      return;
    }
    const at = pictureAt(zoom, now.u, now.v);
    if (at.u >= 0 && at.u < 1 && at.v >= 0 && at.v < 1) setCursor(at);
  };
  const handlers = {
    onKeyDown,
    onPointerDown,
    onPointerMove,
    onPointerUp: () => {
      dragged.current = null;
    },
    onPointerLeave: () => {
      if (!dragged.current) setCursor(null);
    },
    onDblClick: () => {
      setZoom(unzoomed);
    },
  };
  return { frame, handlers };
}

function useWheel(
  frame: RefObject<HTMLElement | null>,
  zoom: LayerPictureProps['zoom'],
  setZoom: LayerPictureProps['setZoom'],
): void {
  // Preact's own listener would be passive, and the page would scroll while the picture zooms.
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      const { u, v } = placeIn(element, event);
      setZoom(zoomAt(zoom, Math.exp(-event.deltaY / 300), u, v));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', onWheel);
    };
  }, [zoom, setZoom]);
}

function placeIn(frame: HTMLElement | null, { clientX, clientY }: MouseEvent): { u: number; v: number } {
  const box = frame?.getBoundingClientRect();
  if (!box || box.width === 0) return { u: 0, v: 0 };
  return { u: (clientX - box.left) / box.width, v: (clientY - box.top) / box.height };
}
