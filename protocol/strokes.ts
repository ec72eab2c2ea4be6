/** Parts of the picture that a reader paints over by hand: what a stroke is, how many there may be, and what is wrong with those that came from outside. */
import { problem, type Problem } from './check';
import type { BoxReport, PointReport } from './report-values';

/** What takes a pixel's place: one color, or the mean of the square of 2 * blur + 1 pixels around it. */
export type Fill = { readonly color: readonly [number, number, number] } | { readonly blur: number };

/**
 * All in pixels of the picture; the center of its top left pixel is (0.5, 0.5). A line covers the pixels whose centers lie within `radius`
 * of it, and one point is a disc; a box covers the pixels whose centers lie inside it. Where strokes overlap, the last one counts.
 */
export type Stroke =
  | { readonly line: readonly PointReport[]; readonly radius: number; readonly fill: Fill }
  | { readonly box: BoxReport; readonly fill: Fill };

/** Far above what a hand draws; together they bound how long painting may take. */
export const STROKE_BOUNDS = Object.freeze({
  strokes: 256,
  /** Of all lines together. */
  points: 4_000,
  /** Different blurs, each of which is computed for itself. */
  blurs: 8,
  radius: 10_000,
  blur: 500,
  /** Of a coordinate, either way. */
  coordinate: 1_000_000,
});

const within = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

const isList = (value: unknown, length: number, item: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length === length && value.every(item);

const isCoordinate = (value: unknown): boolean =>
  within(value, -STROKE_BOUNDS.coordinate, STROKE_BOUNDS.coordinate);
const isLevel = (value: unknown): boolean => within(value, 0, 255) && Number.isInteger(value);

const record = (value: unknown): Readonly<Record<string, unknown>> | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;

function fillProblem(value: unknown, at: string): Problem | null {
  const fill = record(value);
  if (fill !== null && 'color' in fill !== 'blur' in fill) {
    if ('color' in fill)
      return isList(fill['color'], 3, isLevel)
        ? null
        : problem('three whole numbers from 0 to 255', fill['color'], `${at}.color`);
    const { blur } = fill as { readonly blur?: unknown };
    return within(blur, 1, STROKE_BOUNDS.blur) && Number.isInteger(blur)
      ? null
      : problem(`a whole number from 1 to ${STROKE_BOUNDS.blur}`, blur, `${at}.blur`);
  }
  return problem('an object with either color or blur', value, at);
}

function strokeProblem(value: unknown, at: string): Problem | null {
  const stroke = record(value);
  if (stroke === null || 'line' in stroke === 'box' in stroke)
    return problem('an object with either line or box', value, at);
  const { line, radius, box } = stroke as { line?: unknown; radius?: unknown; box?: unknown };
  if ('box' in stroke) {
    const [x0, y0, x1, y1] = (isList(box, 4, isCoordinate) ? box : []) as readonly number[];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || x1 <= x0 || y1 <= y0)
      return problem('x0, y0, x1, y1 in pixels with x1 > x0 and y1 > y0', box, `${at}.box`);
  } else {
    if (!Array.isArray(line) || line.length === 0)
      return problem('a list of at least one point', line, `${at}.line`);
    const wrong = line.findIndex((point) => !isList(point, 2, isCoordinate));
    if (wrong >= 0) return problem('x, y in pixels', line[wrong], `${at}.line[${wrong}]`);
    if (!within(radius, 0.5, STROKE_BOUNDS.radius))
      return problem(`a number from 0.5 to ${STROKE_BOUNDS.radius}`, radius, `${at}.radius`);
  }
  return fillProblem(stroke['fill'], `${at}.fill`);
}

/** What is wrong with a list of strokes; null if nothing is. */
export function strokesProblem(value: unknown): Problem | null {
  const { strokes: most, points: mostPoints, blurs: mostBlurs } = STROKE_BOUNDS;
  if (!Array.isArray(value) || value.length === 0 || value.length > most)
    return problem(`a list of 1 to ${most} strokes`, value);
  for (const [i, stroke] of value.entries()) {
    const wrong = strokeProblem(stroke, `[${i}]`);
    if (wrong !== null) return wrong;
  }
  const strokes = value as readonly Stroke[];
  const points = strokes.reduce((sum, stroke) => sum + ('line' in stroke ? stroke.line.length : 1), 0);
  if (points > mostPoints)
    return { at: '', expected: `strokes of at most ${mostPoints} points in all`, found: `${points}` };
  const blurs = new Set(strokes.flatMap(({ fill }) => ('blur' in fill ? [fill.blur] : []))).size;
  return blurs > mostBlurs
    ? { at: '', expected: `strokes of at most ${mostBlurs} different blurs`, found: `${blurs}` }
    : null;
}
