/** Draws for all analyses of a process, one after another: reused memory costs nothing the second time. */

import type { RgbImage } from '../imaging/image';
import { PngEncoder } from '../imaging/png/encoder';
import { LayerPainter } from './layer-pictures';

/** Painters of layers; the one that was used last waits for the next crop of its size. */
export class Painters {
  private idle: LayerPainter | null = null;

  /** Reserved for the caller until it is returned. */
  over(crop: RgbImage): LayerPainter {
    const { idle } = this;
    this.idle = null;
    if (idle === null || idle.width !== crop.width || idle.height !== crop.height)
      return new LayerPainter(crop);
    idle.place(crop);
    return idle;
  }

  back(painter: LayerPainter): void {
    this.idle = painter;
  }

  /** Releases memory. */
  rest(): void {
    this.idle = null;
  }
}

/** Made when something is first drawn. */
export class Drawing {
  readonly painters = new Painters();
  private encoder: PngEncoder | null = null;

  /** For all who draw in this thread: each picture, or band of one, is finished before another begins. */
  get png(): PngEncoder {
    return (this.encoder ??= new PngEncoder());
  }

  /** Releases memory. */
  rest(): void {
    this.encoder = null;
    this.painters.rest();
  }
}
