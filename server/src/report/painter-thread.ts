/** A second thread that draws layers, reused for all reports: what V8 has compiled there stays compiled. */

import { Worker } from 'node:worker_threads';
import { LensError } from '../errors';
import type { RgbImage } from '../imaging/image';
import { workerEntry } from '../system/worker-entry';
import type { LayerMaps, LayerPictures } from './layer-pictures';

/** To the thread. A crop is announced, drawn over, and released. */
export type PainterRequest =
  | { readonly kind: 'begin'; readonly crop: number; readonly image: RgbImage }
  | { readonly kind: 'paint'; readonly crop: number; readonly layer: LayerMaps }
  | { readonly kind: 'end'; readonly crop: number };

/** From the thread, one for each `paint` and in their order. */
export type PainterAnswer =
  | { readonly ok: true; readonly pictures: LayerPictures }
  | { readonly ok: false; readonly message: string };

/** Draws layers over one crop. */
export interface Painting {
  paint(layer: LayerMaps): Promise<LayerPictures>;
  /** Gives up the memory that the crop takes in the thread. */
  end(): void;
}

interface Waiter {
  readonly resolve: (pictures: LayerPictures) => void;
  readonly reject: (error: LensError) => void;
}

/** The thread starts with the first layer, unless it was prepared, and never keeps the process alive while there is nothing to draw. */
export class PainterThread {
  private worker: Worker | null = null;
  private crops = 0;
  private readonly waiting: Waiter[] = [];

  /** Starts the thread, so that the first layer need not wait for it. */
  prepare(): void {
    this.worker ??= this.start();
  }

  /** Several crops may be in progress at the same time. */
  begin(image: RgbImage): Painting {
    const crop = this.crops++;
    let announcedTo: Worker | null = null;
    return {
      paint: (layer) =>
        new Promise((resolve, reject) => {
          const worker = (this.worker ??= this.start());
          if (announcedTo !== worker) this.send({ kind: 'begin', crop, image });
          announcedTo = worker;
          this.waiting.push({ resolve, reject });
          worker.ref();
          this.send({ kind: 'paint', crop, layer });
        }),
      end: () => this.send({ kind: 'end', crop }),
    };
  }

  /** Ends the thread unless it is drawing, to release its memory; the next layer starts another. */
  async rest(): Promise<void> {
    if (this.waiting.length === 0) await this.stop();
  }

  /** Ends the thread. What is being drawn fails. */
  async stop(): Promise<void> {
    const { worker } = this;
    this.fail(ended('it was stopped'));
    await worker?.terminate();
  }

  private send(request: PainterRequest): void {
    this.worker?.postMessage(request);
  }

  private start(): Worker {
    const { path, execArgv } = workerEntry(__dirname, 'painter-worker');
    const worker = new Worker(path, { execArgv: [...execArgv], name: 'painter' });
    worker.unref();
    worker.on('message', (answer: PainterAnswer) => {
      const waiter = this.waiting.shift();
      if (this.waiting.length === 0) worker.unref();
      if (answer.ok) waiter?.resolve(answer.pictures);
      else waiter?.reject(ended(answer.message));
    });
    worker.on('error', (error) => {
      if (this.worker === worker) this.fail(ended(error.message));
    });
    worker.on('exit', (code) => {
      if (this.worker === worker) this.fail(ended(`exit code ${code}`));
    });
    return worker;
  }

  private fail(error: LensError): void {
    this.worker = null;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

const ended = (why: string): LensError =>
  new LensError('internal', `The thread that draws the layers' pictures stopped: ${why}.`, {
    fix: 'Try again. If it happens again, please report it with the log of this run.',
  });
