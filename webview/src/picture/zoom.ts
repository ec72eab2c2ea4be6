/** Zooming and panning a square picture inside its frame. */

/** A point p of the picture is drawn at (x + scale * p), all in units of the frame's side. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const unzoomed: Zoom = { scale: 1, x: 0, y: 0 };
const largest = 32;

/** Keeps the picture covering the frame. */
function clamp({ scale, x, y }: Zoom): Zoom {
  const s = Math.min(Math.max(scale, 1), largest);
  const edge = (value: number) => Math.min(Math.max(value, 1 - s), 0);
  return { scale: s, x: edge(x), y: edge(y) };
}

/** Multiplies the scale; the point under (u, v), in 0..1 of the frame, stays where it is. */
export function zoomAt(zoom: Zoom, factor: number, u: number, v: number): Zoom {
  const scale = Math.min(Math.max(zoom.scale * factor, 1), largest);
  const ratio = scale / zoom.scale;
  return clamp({ scale, x: u - ratio * (u - zoom.x), y: v - ratio * (v - zoom.y) });
}

/** Moves by a part of the frame's side. */
export function panBy(zoom: Zoom, dx: number, dy: number): Zoom {
  return clamp({ ...zoom, x: zoom.x + dx, y: zoom.y + dy });
}

/** Where in the picture, 0..1, the frame's point (u, v) lies. */
export function pictureAt(zoom: Zoom, u: number, v: number): { readonly u: number; readonly v: number } {
  return { u: (u - zoom.x) / zoom.scale, v: (v - zoom.y) / zoom.scale };
}
