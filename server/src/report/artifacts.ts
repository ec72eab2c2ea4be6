/** Writes a report's pictures and data while they come, a bounded number at a time. */

import { throwIfAborted } from '../errors';
import type { GrayImage, RgbImage } from '../imaging/image';
import { encodeRgbPng } from '../imaging/png/png';
import type { PngEncoder } from '../imaging/png/encoder';
import { Drawing } from './drawing';
import type { ReportFolder } from './folder';
import { toJson } from './json';

/** Enough to keep the four threads of Node's pool busy while the next picture is colored. */
const CONCURRENCY = 6;

type Content = Uint8Array | string;

/**
 * Each method takes one file and returns once there is room for the next, so that memory stays bounded however many
 * pictures come; the file itself may still be on its way. The first failure is thrown by the next call and by
 * `finish`, which waits for everything.
 */
export class ArtifactWriter {
  private readonly pending = new Set<Promise<void>>();
  private made: Promise<unknown> = Promise.resolve();
  private failure: { readonly error: unknown } | null = null;

  /** @param drawing not every writer draws, and not every one alone */
  constructor(
    private readonly folder: ReportFolder,
    private readonly signal?: AbortSignal,
    private readonly drawing: Pick<Drawing, 'png'> = new Drawing(),
  ) {}

  rgb(path: string, image: RgbImage): Promise<void> {
    return this.drawn(path, (png) => encodeRgbPng(image, png));
  }

  gray(path: string, image: GrayImage): Promise<void> {
    return this.drawn(path, (png) => png.gray(image));
  }

  /** What takes a while to make: one after another, and other work has its turn in between. */
  drawn(path: string, make: (png: PngEncoder) => Content | Promise<Content>): Promise<void> {
    return this.add(path, () => {
      const made = this.made.then(turn).then(() => make(this.drawing.png));
      this.made = made.catch(() => undefined);
      return made;
    });
  }

  json(path: string, value: unknown): Promise<void> {
    return this.add(path, () => toJson(value));
  }

  /** @param written called once the file is on disk */
  data(path: string, content: Content, written?: () => void): Promise<void> {
    return this.add(path, () => content, written);
  }

  /** Waits until every file is written; throws the first failure. */
  async finish(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
    this.check();
  }

  private async add(
    path: string,
    content: () => Content | Promise<Content>,
    written?: () => void,
  ): Promise<void> {
    this.check();
    while (this.pending.size >= CONCURRENCY) {
      await Promise.race(this.pending);
      this.check();
    }
    const job: Promise<void> = this.write(path, content, written).finally(() => this.pending.delete(job));
    this.pending.add(job);
  }

  /** Never rejects: a failure is kept for the next call, so that no promise is left without a handler. */
  private async write(
    path: string,
    content: () => Content | Promise<Content>,
    written: (() => void) | undefined,
  ): Promise<void> {
    try {
      await this.folder.write(path, await content());
      written?.();
    } catch (error) {
      this.failure ??= { error };
    }
  }

  private check(): void {
    if (this.failure !== null) throw this.failure.error;
    throwIfAborted(this.signal);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
