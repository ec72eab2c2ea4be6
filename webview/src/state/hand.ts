/** What a reader draws on the input by hand: a box and strokes, with the way back, and what of it is asked of the engine. */
import type { Failure } from '../../../protocol/failure';
import type { HandEdit } from '../../../protocol/panel';
import type { BoxReport, FaceReport, PointReport, Report } from '../../../protocol/report';
import { STROKE_BOUNDS, type Fill, type Stroke } from '../../../protocol/strokes';

export interface Drawing {
  /** Null where the lens and its detector decide. */
  readonly box: BoxReport | null;
  readonly strokes: readonly Stroke[];
}

export interface Hand {
  readonly past: readonly Drawing[];
  readonly now: Drawing;
  readonly future: readonly Drawing[];
}

const EMPTY: Drawing = { box: null, strokes: [] };

/** With what a report was made from. */
export const beginHand = (options: Report['options']): Hand => ({
  past: [],
  now: { box: options?.box ?? null, strokes: options?.strokes ?? [] },
  future: [],
});

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** One step that can be undone. */
export const drawn = (hand: Hand, change: Partial<Drawing>): Hand => {
  const now = { ...hand.now, ...change };
  return isSame(now, hand.now) ? hand : { past: [...hand.past, hand.now], now, future: [] };
};

export function undone({ past, now, future }: Hand): Hand {
  const before = past.at(-1);
  return before === undefined
    ? { past, now, future }
    : { past: past.slice(0, -1), now: before, future: [now, ...future] };
}

export function redone({ past, now, future }: Hand): Hand {
  const [next, ...rest] = future;
  return next === undefined ? { past, now, future } : { past: [...past, now], now: next, future: rest };
}

export const cleared = (hand: Hand): Hand => drawn(hand, EMPTY);

/**
 * What is asked of the engine.
 * @param held box of the face that is kept while something is painted; null where the detector is to look at the edited picture
 */
export const editOf = ({ box, strokes }: Drawing, held: BoxReport | null): HandEdit => ({
  box: box ?? (strokes.length > 0 ? held : null),
  strokes: strokes.length > 0 ? strokes : null,
});

/**
 * The report that is edited. Where the last run found no face it is none, though an earlier one may be in view: the box is drawn for that
 * run, under its settings.
 */
export const editedReport = ({
  report,
  failure,
}: {
  readonly report: Report | null;
  readonly failure: Pick<Failure, 'code'> | null;
}): Report | null => (failure?.code === 'no-face' ? null : report);

/** What a report was made from. */
export const editIn = (options: Report['options']): HandEdit => ({
  box: options?.box ?? null,
  strokes: options?.strokes ?? null,
});

/** Of a picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SIDE = 2;
const tenth = (value: number): number => Math.round(value * 10) / 10;
const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Between two corners, inside the picture; null where hardly anything is. */
export function boxBetween([ax, ay]: PointReport, [bx, by]: PointReport, size: Size): BoxReport | null {
  const [x0, x1] = [Math.min(ax, bx), Math.max(ax, bx)].map((x) => tenth(clamp(x, 0, size.width)));
  const [y0, y1] = [Math.min(ay, by), Math.max(ay, by)].map((y) => tenth(clamp(y, 0, size.height)));
  const box = [x0 ?? 0, y0 ?? 0, x1 ?? 0, y1 ?? 0] as const;
  return box[2] - box[0] >= MIN_SIDE && box[3] - box[1] >= MIN_SIDE ? box : null;
}

/** Moved as a whole, as far as the picture goes. */
export function movedBox([x0, y0, x1, y1]: BoxReport, dx: number, dy: number, size: Size): BoxReport {
  const [mx, my] = [clamp(dx, -x0, size.width - x1), clamp(dy, -y0, size.height - y1)];
  return [tenth(x0 + mx), tenth(y0 + my), tenth(x1 + mx), tenth(y1 + my)];
}

/** Its lower right corner moved. */
export function resizedBox([x0, y0, x1, y1]: BoxReport, dx: number, dy: number, size: Size): BoxReport {
  return [
    ...[x0, y0],
    tenth(clamp(x1 + dx, x0 + MIN_SIDE, size.width)),
    tenth(clamp(y1 + dy, y0 + MIN_SIDE, size.height)),
  ] as unknown as BoxReport;
}

/** In the middle, half as large as the picture: for who draws with the keyboard. */
export const middleBox = ({ width, height }: Size): BoxReport =>
  [
    ...[tenth(width / 4), tenth(height / 4)],
    ...([tenth((3 * width) / 4), tenth((3 * height) / 4)] as const),
  ] as unknown as BoxReport;

/** A line that goes on: points that add nothing to what the brush covers are left out. */
export function longer(stroke: Stroke, [x, y]: PointReport): Stroke {
  if (!('line' in stroke)) return stroke;
  const last = stroke.line.at(-1);
  const near = last !== undefined && Math.hypot(x - last[0], y - last[1]) < Math.max(stroke.radius / 4, 0.5);
  return near ? stroke : { ...stroke, line: [...stroke.line, [tenth(x), tenth(y)]] };
}

export const dot = ([x, y]: PointReport, radius: number, fill: Fill): Stroke => ({
  line: [[tenth(x), tenth(y)]],
  radius: Math.max(0.5, tenth(radius)),
  fill,
});

/** Whether one more stroke is within what is allowed. */
export function hasRoom(strokes: readonly Stroke[]): boolean {
  const points = strokes.reduce((sum, stroke) => sum + ('line' in stroke ? stroke.line.length : 1), 0);
  return strokes.length < STROKE_BOUNDS.strokes && points < STROKE_BOUNDS.points;
}

/** For a picture that is shown smaller. */
export const scaledStroke = (stroke: Stroke, scale: number): Stroke => {
  const fill =
    'blur' in stroke.fill ? { blur: Math.max(1, Math.round(stroke.fill.blur * scale)) } : stroke.fill;
  if ('box' in stroke) {
    const [x0, y0, x1, y1] = stroke.box;
    return { fill, box: [x0 * scale, y0 * scale, x1 * scale, y1 * scale] };
  }
  const line = stroke.line.map(([x, y]) => [x * scale, y * scale] as const);
  return { fill, line, radius: stroke.radius * scale };
};

/** One per line, as `--strokes` reads them. */
export const strokesText = (strokes: readonly Stroke[]): string =>
  `[\n${strokes.map((stroke) => `  ${JSON.stringify(stroke)}`).join(',\n')}\n]\n`;

/** The faces that a detector found: of a report, unless its box was given by hand. */
export const facesFound = ({ detection }: Pick<Report, 'detection'>): readonly FaceReport[] | null =>
  detection.detector === 'box' ? null : detection.detector === 'none' ? [] : detection.faces;
