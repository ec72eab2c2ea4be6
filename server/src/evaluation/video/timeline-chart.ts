/** A video's scores over time, one line for each face. */
import { clipped, label, line, n, PALETTE, svg } from '../summary/svg';
import type { VideoFound, Point } from './video-scores';

const AREA = { left: 48, top: 34, width: 640, height: 220 } as const;
const RIGHT = 130;
/** Most lines, so that they can be told apart. */
const MOST_LINES = 8;
/** Most points of one line; beyond that the largest of neighbors is drawn, so that no peak is lost. */
const MOST_POINTS = 640;

export function timelineChart({ lines, empty, summary }: VideoFound, threshold: number | null): string {
  const last = Math.max(
    summary.duration ?? 0,
    1e-3,
    ...empty,
    ...[...lines.values()].map((points) => points.at(-1)?.time ?? 0),
  );
  const at = ({ time, score }: Point): readonly [number, number] => [
    AREA.left + (Math.min(time, last) / last) * AREA.width,
    AREA.top + (1 - score) * AREA.height,
  ];
  const longest = [...lines].sort(([, a], [, b]) => b.length - a.length);
  const drawn = longest.slice(0, MOST_LINES);
  const color = (index: number): string => PALETTE[index % PALETTE.length] ?? '#000000';
  const body = drawn.map(([, points], index) => {
    const shown = thinnedByPeaks(points);
    if (shown.length > 1) return line(shown.map(at), color(index));
    return shown.map((point) => dot(at(point), color(index))).join('');
  });
  const names = drawn.map(([track, points], index) => {
    const [x, y] = [AREA.left + AREA.width + 12, AREA.top + 10 + index * 18];
    const name = track === null ? 'whole frame' : `face ${track}`;
    return `<rect x="${x}" y="${y - 8}" width="10" height="10" fill="${color(index)}"/>\n${label(x + 15, y + 1, `${name} (${points.length})`)}`;
  });
  const more = longest.length - drawn.length;
  const heading = clipped(
    `Probability of ${summary.scored} by time${more > 0 ? `; ${more} shorter tracks are not drawn` : ''}`,
    90,
  );
  return svg(
    AREA.left + AREA.width + RIGHT,
    AREA.top + AREA.height + 48,
    'Timeline',
    label(AREA.left, 18, heading, { size: 13 }) +
      axes(last) +
      gaps(empty, last) +
      marked(threshold) +
      body.join('') +
      names.join(''),
  );
}

const dot = ([x, y]: readonly [number, number], fill: string): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="2.5" fill="${fill}"/>\n`;

function axes(last: number): string {
  const { left, top, width, height } = AREA;
  const across = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const x = left + share * width;
    return `<path d="M${n(x)} ${top}V${top + height}" stroke="#e4e4e4"/>\n${label(x, top + height + 14, clock(share * last), { anchor: 'middle' })}`;
  });
  const up = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = top + (1 - share) * height;
    return `<path d="M${left} ${n(y)}H${left + width}" stroke="#e4e4e4"/>\n${label(left - 6, y + 4, String(share), { anchor: 'end' })}`;
  });
  return (
    across.join('') +
    up.join('') +
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888888"/>\n` +
    label(left + width / 2, top + height + 30, 'time; marks below are frames without a score', {
      anchor: 'middle',
    })
  );
}

const gaps = (times: readonly number[], last: number): string => {
  const places = new Set(times.map((time) => n(AREA.left + (time / last) * AREA.width)));
  return [...places]
    .map((x) => `<path d="M${x} ${AREA.top + AREA.height - 5}v5" stroke="#888888"/>\n`)
    .join('');
};

const marked = (threshold: number | null): string => {
  if (threshold === null) return '';
  const y = AREA.top + (1 - threshold) * AREA.height;
  return line(
    [
      [AREA.left, y],
      [AREA.left + AREA.width, y],
    ],
    '#888888',
    true,
  );
};

function thinnedByPeaks(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, part) =>
    points
      .slice(part * size, (part + 1) * size)
      .reduce((best, point) => (point.score > best.score ? point : best)),
  );
}

/** `1:02.5`. */
function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds - 60 * minutes;
  const digits = Number(rest.toFixed(rest < 10 && minutes === 0 ? 2 : 0));
  return minutes === 0 ? `${digits} s` : `${minutes}:${String(digits).padStart(2, '0')}`;
}
