/** Wheel, drag, hover and keys over a picture, in 0..1 of its frame. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Cursor } from '../../picture/inspection';
import { panBy, pictureAt, unzoomed, zoomAt, type Zoom } from '../../picture/zoom';

export interface PointerProps {
  readonly zoom: Zoom;
  readonly setZoom: (zoom: Zoom) => void;
  readonly cursor: Cursor | null;
  readonly setCursor: (cursor: Cursor | null) => void;
  readonly pin: Cursor | null;
  readonly setPin: (pin: Cursor | null) => void;
  /** Of the picture, in pixels: arrow keys move by one of them. */
  readonly width: number;
  readonly height: number;
}

/** How far a click may move and still be one, in 0..1 of the frame. */
const STILL = 0.01;

/** Arrows move the crosshair, Enter pins it. */
function keysOf({ zoom, setZoom, cursor, setCursor, pin, setPin, width, height }: PointerProps) {
  const moveCursor = (du: number, dv: number) => {
    const within = (value: number, size: number) => Math.min(Math.max(value, 0.5 / size), 1 - 0.5 / size);
    setCursor({
      u: within((cursor?.u ?? 0.5) + du / width, width),
      v: within((cursor?.v ?? 0.5) + dv / height, height),
    });
  };
  return (event: KeyboardEvent) => {
    const far = event.shiftKey ? 10 : 1;
    const { key } = event;
    if (key === '+' || key === '=') setZoom(zoomAt(zoom, 1.5, 0.5, 0.5));
    else if (key === '-') setZoom(zoomAt(zoom, 1 / 1.5, 0.5, 0.5));
    else if (key === '0') setZoom(unzoomed);
    else if (key === 'ArrowLeft') moveCursor(-far, 0);
    else if (key === 'ArrowRight') moveCursor(far, 0);
    else if (key === 'ArrowUp') moveCursor(0, -far);
    else if (key === 'ArrowDown') moveCursor(0, far);
    else if (key === 'Enter' && cursor) setPin(cursor);
    else if (key === 'Escape' && pin) setPin(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

export function usePointer(props: PointerProps) {
  const { zoom, setZoom, setCursor, pin, setPin } = props;
  const frame = useRef<HTMLDivElement>(null);
  const pressed = useRef<{ readonly u: number; readonly v: number } | null>(null);
  const dragged = useRef<{ readonly u: number; readonly v: number } | null>(null);
  const place = (event: MouseEvent) => placeIn(frame.current, event);
  useWheel(frame, zoom, setZoom);

  const onKeyDown = keysOf(props);
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    frame.current?.setPointerCapture(event.pointerId);
    dragged.current = place(event);
    pressed.current = dragged.current;
  };
  const onPointerUp = (event: PointerEvent) => {
    dragged.current = null;
    const [from, to] = [pressed.current, place(event)];
    pressed.current = null;
    if (from === null || Math.hypot(to.u - from.u, to.v - from.v) > STILL) return;
    const at = pictureAt(zoom, to.u, to.v);
    // A second click on what is pinned lets it go.
    const near = pin && Math.hypot(at.u - pin.u, at.v - pin.v) * zoom.scale < STILL;
    setPin(near ? null : at);
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
    onPointerUp,
    onPointerLeave: () => {
      if (!dragged.current) setCursor(null);
    },
    onDblClick: () => {
      setZoom(unzoomed);
    },
  };
  return { frame, handlers };
}

function useWheel(frame: RefObject<HTMLElement | null>, zoom: Zoom, setZoom: PointerProps['setZoom']): void {
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
