/** Where pixels go under an orientation of TIFF and EXIF (tag 274). */

export interface Place {
  /** Of the picture as it is shown. */
  readonly width: number;
  readonly height: number;
  /** Pixel (x, y) as stored is pixel number `start + x * right + y * down` of the picture. */
  readonly start: number;
  readonly right: number;
  readonly down: number;
}

export function placeOf({
  width: w,
  height: h,
  orientation,
}: {
  /** As stored. */
  readonly width: number;
  readonly height: number;
  /** 1..8; others are taken for 1. */
  readonly orientation: number;
}): Place {
  const upright = { width: w, height: h };
  const turned = { width: h, height: w };
  switch (orientation) {
    case 2:
      return { ...upright, start: w - 1, right: -1, down: w };
    case 3:
      return { ...upright, start: w * h - 1, right: -1, down: -w };
    case 4:
      return { ...upright, start: w * (h - 1), right: 1, down: -w };
    case 5:
      return { ...turned, start: 0, right: h, down: 1 };
    case 6:
      return { ...turned, start: h - 1, right: h, down: -1 };
    case 7:
      return { ...turned, start: w * h - 1, right: -h, down: -1 };
    case 8:
      return { ...turned, start: h * (w - 1), right: -h, down: 1 };
    default:
      return { ...upright, start: 0, right: 1, down: w };
  }
}
