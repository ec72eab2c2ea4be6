/** The pointer on the picture: draws and changes the box, and paints. */
import { useRef, useState } from 'preact/hooks';
import type { BoxReport, PointReport } from '../../../../protocol/report';
import type { Stroke } from '../../../../protocol/strokes';
import { boxBetween, dot, hasRoom, longer, movedBox, type Drawing, type Size } from '../../state/hand';
import { fillOf, type Brush, type Tool } from './tool';

/** CSS pixels around a corner in which it is taken hold of. */
const GRIP = 12;

/** What is being dragged. */
type Drag =
  | { readonly kind: 'corner'; readonly opposite: PointReport }
  | { readonly kind: 'move'; readonly from: PointReport; readonly box: BoxReport }
  | { readonly kind: 'paint' };

export interface PointerProps {
  readonly size: Size;
  readonly tool: Tool;
  readonly brush: Brush;
  readonly drawing: Drawing;
  /** What would be drawn if the pointer were let go now; null where nothing is under way. */
  readonly onDraft: (draft: Partial<Drawing> | null) => void;
  readonly onDrawn: (change: Partial<Drawing>) => void;
}

export function usePointer({ size, tool, brush, drawing, onDraft, onDrawn }: PointerProps) {
  const drag = useRef<Drag | null>(null);
  const draft = useRef<Partial<Drawing> | null>(null);
  const stroke = useRef<Stroke | null>(null);
  const [at, setAt] = useState<PointReport | null>(null);

  const update = (next: Partial<Drawing> | null) => {
    draft.current = next;
    onDraft(next);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || tool === 'face') return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const { point, scale } = placeOf(event, size);
    if (tool === 'box') {
      drag.current = dragOf(point, drawing.box, GRIP * scale);
      return;
    }
    if (!hasRoom(drawing.strokes)) return;
    drag.current = { kind: 'paint' };
    stroke.current = dot(point, brush.radius, fillOf(tool, brush));
    update({ strokes: [...drawing.strokes, stroke.current] });
  };

  const onPointerMove = (event: PointerEvent) => {
    const { point } = placeOf(event, size);
    setAt(point);
    const now = drag.current;
    if (now === null) return;
    if (now.kind === 'paint') {
      if (stroke.current === null) return;
      const next = longer(stroke.current, point);
      if (next === stroke.current || !hasRoom([...drawing.strokes, stroke.current])) return;
      stroke.current = next;
      update({ strokes: [...drawing.strokes, next] });
      return;
    }
    const box =
      now.kind === 'corner'
        ? boxBetween(now.opposite, point, size)
        : movedBox(now.box, point[0] - now.from[0], point[1] - now.from[1], size);
    update(box === null ? null : { box });
  };

  const end = (made: Partial<Drawing> | null) => {
    drag.current = null;
    stroke.current = null;
    update(null);
    if (made !== null) onDrawn(made);
  };
  const onPointerUp = () => end(draft.current);
  const onPointerCancel = () => end(null);
  const onPointerLeave = () => setAt(null);
  return { at, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onPointerLeave } };
}

/** Where a pointer is in the picture, and how many of its pixels are one of the page's. */
function placeOf(event: PointerEvent, size: Size): { readonly point: PointReport; readonly scale: number } {
  const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const x = ((event.clientX - left) / width) * size.width;
  const y = ((event.clientY - top) / height) * size.height;
  return { point: [x, y], scale: size.width / width };
}

/** A corner of the box that is there, the box itself, or a new one. */
function dragOf(point: PointReport, box: BoxReport | null, grip: number): Drag {
  if (box !== null) {
    const [x0, y0, x1, y1] = box;
    for (const [x, y, ox, oy] of [
      [x0, y0, x1, y1],
      [x1, y0, x0, y1],
      [x0, y1, x1, y0],
      [x1, y1, x0, y0],
    ] as const)
      if (Math.hypot(point[0] - x, point[1] - y) <= grip) return { kind: 'corner', opposite: [ox, oy] };
    if (point[0] > x0 && point[0] < x1 && point[1] > y0 && point[1] < y1)
      return { kind: 'move', from: point, box };
  }
  return { kind: 'corner', opposite: point };
}
