/** Parts of charts as SVG text: the same in a panel, in HTML and in Markdown. Names from files are text and nothing else. */

/** Escapes text of any origin for an element. */
export const text = (value: string): string =>
  value
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** At most `most` characters. */
export const clipped = (value: string, most: number): string => {
  const all = Array.from(value);
  return all.length <= most ? value : `${all.slice(0, most - 1).join('')}\u2026`;
};

export const n = (value: number): string => String(Number(value.toFixed(2)));

/** Colors that can be distinguished with every kind of color vision (Okabe and Ito). */
export const PALETTE = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7a5195',
  '#444444',
];

/** With a white background, so that it looks the same in dark themes. */
export const svg = (width: number, height: number, title: string, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
  `font-family="sans-serif" font-size="11" role="img"><title>${text(title)}</title>` +
  `<rect width="${width}" height="${height}" fill="#ffffff"/>\n${body}</svg>\n`;

export interface Label {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly fill?: string;
  readonly rotate?: number;
}

export function label(
  x: number,
  y: number,
  value: string,
  { anchor = 'start', size, fill = '#222222', rotate }: Label = {},
): string {
  const turned = rotate === undefined ? '' : ` transform="rotate(${rotate} ${n(x)} ${n(y)})"`;
  const sized = size === undefined ? '' : ` font-size="${size}"`;
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="${fill}"${sized}${turned}>${text(value)}</text>\n`;
}

/** A square from 0 to 1 on both axes, with its ticks. */
export const FRAME = { left: 48, top: 30, side: 260 } as const;

export const at = (x: number, y: number): readonly [number, number] => [
  FRAME.left + x * FRAME.side,
  FRAME.top + (1 - y) * FRAME.side,
];

export function frame(xTitle: string, yTitle: string): string {
  const { left, top, side } = FRAME;
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => {
    const [x, y] = at(value, value);
    return (
      `<path d="M${n(x)} ${top}V${top + side}M${left} ${n(y)}H${left + side}" stroke="#e4e4e4"/>\n` +
      label(x, top + side + 14, String(value), { anchor: 'middle' }) +
      label(left - 6, y + 4, String(value), { anchor: 'end' })
    );
  });
  return (
    ticks.join('') +
    `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="#888888"/>\n` +
    label(left + side / 2, top + side + 30, xTitle, { anchor: 'middle' }) +
    label(14, top + side / 2, yTitle, { anchor: 'middle', rotate: -90 })
  );
}

export const line = (points: readonly (readonly [number, number])[], color: string, dashed = false): string =>
  `<polyline points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}" fill="none" stroke="${color}" stroke-width="1.6"${dashed ? ' stroke-dasharray="4 3"' : ''}/>\n`;

const DARKEST = [8, 48, 107];

/** White to dark blue. @param share 0..1 */
export function shade(share: number): string {
  const [r, g, b] = [255, 255, 255].map((from, i) => Math.round(from + ((DARKEST[i] ?? 0) - from) * share));
  return `rgb(${r},${g},${b})`;
}
