/** The thread behind `PainterThread`: draws one layer after the other. */

import { parentPort } from 'node:worker_threads';
import { Painters } from './drawing';
import type { LayerPainter } from './layer-pictures';
import type { PainterAnswer, PainterRequest } from './painter-thread';

const port = parentPort;
if (port === null) throw new Error('This file is the entry point of a worker thread.');

const kept = new Painters();
/** By crop. */
const painters = new Map<number, LayerPainter>();

port.on('message', (request: PainterRequest) => {
  switch (request.kind) {
    case 'begin':
      painters.set(request.crop, kept.over(request.image));
      return;
    case 'end':
      end(request.crop);
      return;
    case 'paint':
      answer(paint(request));
  }
});

function end(crop: number): void {
  const painter = painters.get(crop);
  if (painter !== undefined) kept.back(painter);
  painters.delete(crop);
}

/** The pictures are handed over, not copied. */
function answer(painted: PainterAnswer): void {
  const files = painted.ok
    ? [painted.pictures.activation, ...painted.pictures.overlays.map((o) => o.picture)]
    : [];
  port?.postMessage(
    painted,
    files.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

function paint({ crop, layer }: Extract<PainterRequest, { kind: 'paint' }>): PainterAnswer {
  try {
    const painter = painters.get(crop);
    if (painter === undefined) return { ok: false, message: 'the crop was never announced' };
    return { ok: true, pictures: painter.paint(layer) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
