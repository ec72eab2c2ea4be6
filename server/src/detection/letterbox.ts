/** Fits a picture into the middle of a black square, and takes coordinates back out of it. */
import { resizeAntialiased } from '../imaging/antialias';
import type { Box, Point, RgbImage } from '../imaging/image';

export interface Letterbox {
  /** (1, 3, side, side), RGB, value / 127.5 - 1; black around the picture. */
  readonly tensor: Float32Array;
  /** From square sides (0..1) to pixels of the picture. */
  toImage(point: Point): Point;
  boxToImage(box: Box): Box;
}

/**
 * @param side of the square in pixels.
 * @param margin the square's side in longest picture sides: 1 fills it, 2 leaves a black margin all around.
 */
export function letterbox(image: RgbImage, side: number, margin = 1): Letterbox {
  const scale = side / (Math.max(image.width, image.height) * margin);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const left = Math.floor((side - width) / 2);
  const top = Math.floor((side - height) / 2);
  const { data } = resizeAntialiased(image, width, height);

  const plane = side * side;
  const tensor = new Float32Array(3 * plane).fill(-1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (top + y) * side + left + x;
      for (let channel = 0; channel < 3; channel++) {
        tensor[channel * plane + at] = (data[(y * width + x) * 3 + channel] ?? 0) / 127.5 - 1;
      }
    }
  }
  // The rounded sizes, not the scale: a narrow picture is stretched by up to half a pixel.
  const toImage = ({ x, y }: Point): Point => ({
    x: ((x * side - left) * image.width) / width,
    y: ((y * side - top) * image.height) / height,
  });
  return {
    tensor,
    toImage,
    boxToImage: ([x0, y0, x1, y1]) => {
      const first = toImage({ x: x0, y: y0 });
      const second = toImage({ x: x1, y: y1 });
      return [first.x, first.y, second.x, second.y];
    },
  };
}
