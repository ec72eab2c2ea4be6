/** Draws a colored map over the picture that it is of. */
import type { CropPicture } from './crop';
import type { Colorable, Painter } from './painter';
import type { PaletteName } from './palettes';
import type { Shown } from './shown';

export interface Colors {
  /** Null where the map is blank: then the color of no evidence is everywhere. */
  readonly shown: Shown | null;
  readonly palette: PaletteName;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The report's own overlays are half picture, half color. */
const HALF = 0.5;

/** What a blank map is drawn from. */
const blank = (count: number, palette: PaletteName): Colorable => ({
  values: new Float32Array(count).fill(palette === 'signed' ? 0.5 : 0),
  range: { min: 0, max: 1 },
});

/**
 * @param opacity 0..1 of the colors. At one half the pixels are those of the report's own overlay
 * @param crop the picture; null draws the colors alone
 */
export function drawMap(
  context: Context,
  painter: Painter,
  { shown, palette }: Colors,
  { width, height }: { readonly width: number; readonly height: number },
  crop: CropPicture | null,
  opacity: number,
): void {
  const values = shown ?? blank(width * height, palette);
  const fits = crop?.width === width && crop.height === height;
  if (opacity === HALF && fits && crop.pixels) {
    const pixels = painter.blended(values, palette, crop.pixels);
    context.putImageData(new ImageData(pixels, width, height), 0, 0);
    return;
  }
  const colors = new ImageData(painter.colored(values, palette), width, height);
  if (opacity === 1 || !crop) {
    context.putImageData(colors, 0, 0);
    return;
  }
  const layer = new OffscreenCanvas(width, height);
  layer.getContext('2d')?.putImageData(colors, 0, 0);
  context.globalAlpha = 1;
  context.clearRect(0, 0, width, height);
  context.drawImage(crop.image, 0, 0, width, height);
  context.globalAlpha = opacity;
  context.drawImage(layer, 0, 0);
  context.globalAlpha = 1;
}
