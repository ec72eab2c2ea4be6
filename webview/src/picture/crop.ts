/** The picture under the colors. */
export interface CropPicture {
  readonly image: HTMLImageElement;
  /** RGBA at the picture's own size; null where the host does not let a page read them. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer> | null;
  readonly width: number;
  readonly height: number;
}
