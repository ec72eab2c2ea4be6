/** A canvas off the page, on which a picture is drawn at full size before it is shrunk: making one for each takes as long as painting it. */
export class Stage {
  private canvas: OffscreenCanvas | null = null;

  /** Drawn on in one go: the next caller gets the same one. */
  of(width: number, height: number): OffscreenCanvas {
    if (this.canvas?.width !== width || this.canvas.height !== height)
      this.canvas = new OffscreenCanvas(width, height);
    return this.canvas;
  }
}
