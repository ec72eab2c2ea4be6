/** The keyboard on the picture: moves and resizes the box, moves the brush and paints. */
import { useState } from 'preact/hooks';
import type { BoxReport, PointReport } from '../../../../protocol/report';
import type { Fill, Stroke } from '../../../../protocol/strokes';
import { t } from '../../l10n';
import { dot, hasRoom, longer, middleBox, movedBox, resizedBox, type Size } from '../../state/hand';
import type { PointerProps } from './usePointer';
import { fillOf } from './tool';

/** Steps of an arrow key: shares of the picture's shorter side, rounded to whole pixels. */
const FINE = 1 / 200;
const COARSE = 10;

const ARROWS: Readonly<Record<string, PointReport>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function useKeys({ size, tool, brush, drawing, onDraft, onDrawn }: PointerProps) {
  /** Of the brush; null before the first key. */
  const [cursor, setCursor] = useState<PointReport | null>(null);
  /** The stroke that the pen draws; null where it is up. */
  const [pen, setPen] = useState<Stroke | null>(null);
  const [announced, announce] = useState('');

  const hold = (next: Stroke | null): void => {
    setPen(next);
    onDraft(next && { strokes: [...drawing.strokes, next] });
  };
  const lower = (fill: Fill, from: PointReport): void => {
    if (!hasRoom(drawing.strokes)) return;
    hold(dot(from, brush.radius, fill));
    setCursor(from);
    announce(t('The brush is down: arrow keys paint, the space bar lifts it.'));
  };
  const lift = (made: Stroke): void => {
    hold(null);
    onDrawn({ strokes: [...drawing.strokes, made] });
    announce(t('Painted.'));
  };
  const onBrush = (event: KeyboardEvent, step: number): boolean => {
    if (tool !== 'color' && tool !== 'blur') return false;
    const from = cursor ?? [size.width / 2, size.height / 2];
    if (event.key === ' ') {
      if (pen === null) lower(fillOf(tool, brush), from);
      else lift(pen);
      return true;
    }
    const arrow = ARROWS[event.key];
    if (arrow === undefined) return false;
    const to = moved(from, arrow, step, size);
    setCursor(to);
    if (pen !== null && hasRoom([...drawing.strokes, pen])) hold(longer(pen, to));
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const fine = Math.max(1, Math.round(Math.min(size.width, size.height) * FINE));
    const step = event.altKey ? fine * COARSE : fine;
    if (tool === 'box') {
      const box = boxByKey(event, drawing.box, step, size);
      if (box === null) return;
      onDrawn({ box });
      announce(t('Box from {0}, {1} to {2}, {3}', ...box));
    } else if (event.key === 'Escape' && pen !== null) hold(null);
    else if (!onBrush(event, step)) return;
    event.preventDefault();
  };
  const onBlur = (): void => {
    if (pen !== null) hold(null);
  };
  return { cursor, announced, handlers: { onKeyDown, onBlur } };
}

/** Drawn, moved or resized; null for a key that does neither. */
function boxByKey(event: KeyboardEvent, box: BoxReport | null, step: number, size: Size): BoxReport | null {
  if (box === null) return event.key === 'Enter' ? middleBox(size) : null;
  const arrow = ARROWS[event.key];
  if (arrow === undefined) return null;
  return (event.shiftKey ? resizedBox : movedBox)(box, arrow[0] * step, arrow[1] * step, size);
}

const moved = ([x, y]: PointReport, [dx, dy]: PointReport, step: number, size: Size): PointReport => [
  Math.min(Math.max(x + dx * step, 0), size.width),
  Math.min(Math.max(y + dy * step, 0), size.height),
];
