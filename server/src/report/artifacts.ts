/** Writes a report's pictures and data as they come; pictures that have to be drawn are drawn one after another. */

import { throwIfAborted } from '../errors';
import type { GrayImage, RgbImage } from '../imaging/image';
import { encodeRgbPng } from '../imaging/png/png';
import type { PngEncoder } from '../imaging/png/encoder';
import { Drawing } from './drawing';
import type { ReportFolder } from './folder';
import { toJson } from './json';
import type { DrawnFrom, KeptPictures } from './kept-pictures';

type Content = Uint8Array | string;

/** The first failure is thrown by the next call and by `finish`, which waits for everything. */
export class ArtifactWriter {
  private drawings: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | null = null;

  /**
   * @param drawing not every writer draws, and those that do may share the work
   * @param kept of earlier analyses; null where there are none
   */
  constructor(
    private readonly folder: ReportFolder,
    private readonly signal?: AbortSignal,
    private readonly drawing: Pick<Drawing, 'png'> = new Drawing(),
    private readonly kept: KeptPictures | null = null,
  ) {}

  rgb(path: string, image: () => RgbImage, from?: DrawnFrom): void {
    this.drawn(path, (png) => encodeRgbPng(image(), png), from);
  }

  gray(path: string, image: () => GrayImage, from?: DrawnFrom): void {
    this.drawn(path, (png) => png.gray(image()), from);
  }

  /** For pictures that take a while to draw: one after another, with other work in between. */
  drawn(path: string, make: (png: PngEncoder) => Content | Promise<Content>, from?: DrawnFrom): void {
    this.check();
    const draw = () => make(this.drawing.png);
    const { kept } = this;
    this.drawings = this.drawings
      .then(turn)
      .then(() => (kept !== null && from !== undefined ? kept.get(from, path, draw) : draw()))
      .then((content) => this.folder.write(path, content))
      .catch((error: unknown) => {
        this.failure ??= { error };
      });
  }

  json(path: string, value: unknown): Promise<void> {
    return this.data(path, toJson(value));
  }

  /** Data that already exists is written immediately, so that a slow disk holds no memory. */
  async data(path: string, content: Content): Promise<void> {
    this.check();
    await this.folder.write(path, content);
  }

  /** Waits until every picture is written; throws the first failure. */
  async finish(): Promise<void> {
    await this.drawings;
    this.check();
  }

  private check(): void {
    if (this.failure !== null) throw this.failure.error;
    throwIfAborted(this.signal);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
