/** A colored map as a file to be pasted into a paper: with its color bar, the numbers at its ends, and what it is. */
import { decimals } from '../text/numbers';
import type { CropPicture } from './crop';
import { drawMap, type Colors } from './draw';
import type { Painter } from './painter';
import { paint, palette, type PaletteName } from './palettes';

export interface Exported extends Colors {
  readonly title: string;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly crop: CropPicture | null;
  readonly opacity: number;
}

const TITLE = 24;
const GAP = 8;
const BAR = 14;
const TICKS = 76;
const FONT = 12;
const STEPS = 256;

/** As base64. */
async function base64Of(canvas: OffscreenCanvas): Promise<string> {
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  return toBase64(bytes);
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function drawn({ width, height, crop, opacity, ...colors }: Exported, painter: Painter): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context) drawMap(context, painter, colors, { width, height }, crop, opacity);
  return canvas;
}

/** From the high end at the top to the low end. */
function bar(name: PaletteName): OffscreenCanvas {
  const canvas = new OffscreenCanvas(1, STEPS);
  const levels = Float32Array.from({ length: STEPS }, (_, i) => 1 - i / (STEPS - 1));
  canvas.getContext('2d')?.putImageData(new ImageData(paint(levels, palette(name)), 1, STEPS), 0, 0);
  return canvas;
}

/** Where the numbers stand, from top to bottom. */
function ticks({ shown, height }: Exported): readonly { readonly y: number; readonly text: string }[] {
  if (shown === null) return [];
  const { low, high } = shown;
  return [high, (low + high) / 2, low].map((value, i) => ({
    y: TITLE + FONT / 2 + (i * (height - FONT)) / 2,
    text: decimals(value),
  }));
}

/** PNG as base64; black on white. */
export async function exportPng(picture: Exported, painter: Painter): Promise<string> {
  const { width, height, shown, title } = picture;
  const canvas = new OffscreenCanvas(width + (shown ? GAP + BAR + TICKS : 0), height + TITLE);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The picture could not be drawn.');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawn(picture, painter), 0, TITLE);
  context.fillStyle = '#000';
  context.font = `${FONT}px sans-serif`;
  context.textBaseline = 'middle';
  context.fillText(title, 0, TITLE / 2, canvas.width);
  if (shown) context.drawImage(bar(picture.palette), width + GAP, TITLE, BAR, height);
  for (const { y, text } of ticks(picture)) context.fillText(text, width + GAP + BAR + 4, y);
  return base64Of(canvas);
}

/** SVG as base64: the pixels as they are, everything else as text and shapes. */
export async function exportSvg(picture: Exported, painter: Painter): Promise<string> {
  const { width, height, shown, title } = picture;
  const image = await base64Of(drawn(picture, painter));
  const colors = await base64Of(bar(picture.palette));
  const full = width + (shown ? GAP + BAR + TICKS : 0);
  const text = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${full}" height="${height + TITLE}" viewBox="0 0 ${full} ${height + TITLE}" font-family="sans-serif" font-size="${FONT}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="0" y="${TITLE / 2 + FONT / 3}">${escaped(title)}</text>`,
    `<image x="0" y="${TITLE}" width="${width}" height="${height}" href="data:image/png;base64,${image}"/>`,
    ...(shown
      ? [
          `<image x="${width + GAP}" y="${TITLE}" width="${BAR}" height="${height}" preserveAspectRatio="none" href="data:image/png;base64,${colors}"/>`,
        ]
      : []),
    ...ticks(picture).map(
      ({ y, text: number }) =>
        `<text x="${width + GAP + BAR + 4}" y="${y + FONT / 3}">${escaped(number)}</text>`,
    ),
    '</svg>',
  ].join('\n');
  return toBase64(new TextEncoder().encode(text));
}

/** Names of layers come from files of others. */
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[\p{Cc}]/gu, ' ');
