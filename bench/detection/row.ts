/** One row of the RetinaFace bench, in a process of its own: loads the network, looks several times, says times, memory and faces. */
import { readFileSync } from 'node:fs';
import type { RetinaFaceBody } from '../../server/src/architectures/retinaface-variants';
import type { Detector } from '../../server/src/detection/detector';
import type { Face } from '../../server/src/detection/face';
import { createSession } from '../../server/src/runtime/onnxruntime';
import { ownPeakMb } from '../processes';
import { seededRetinaFace } from './seeded';
import { createRetinaFace, loadRetinaFace } from '../../test/support/detectors';

export interface Order {
  readonly body: RetinaFaceBody;
  /** Null: seeded weights. */
  readonly weights: string | null;
  /** File of width x height x 3 bytes. */
  readonly pixels: string;
  readonly width: number;
  readonly height: number;
  readonly maxSize: number | null;
  readonly threads: number;
  readonly repeats: number;
}

export interface Answer {
  readonly milliseconds: readonly number[];
  readonly peakMb: number;
  readonly faces: readonly Pick<Face, 'box' | 'score'>[];
}

async function main(order: Order): Promise<Answer> {
  const { width, height, repeats } = order;
  const detector = await open(order);
  const image = { width, height, data: new Uint8Array(readFileSync(order.pixels)) };
  const milliseconds: number[] = [];
  let faces = await detector.detect(image); // not counted: the first run plans its memory
  for (let run = 0; run < repeats; run++) {
    const start = performance.now();
    faces = await detector.detect(image);
    milliseconds.push(performance.now() - start);
  }
  await detector.dispose();
  return { milliseconds, peakMb: ownPeakMb(), faces: faces.map(({ box, score }) => ({ box, score })) };
}

async function open({ body, weights, maxSize, threads }: Order): Promise<Detector> {
  const openSession = (model: Uint8Array) => createSession(model, { provider: 'cpu', threads });
  if (weights !== null) return loadRetinaFace(weights, openSession, { maxSize });
  return createRetinaFace({ ...(await seededRetinaFace(body)), notes: [] }, openSession, { maxSize });
}

main(JSON.parse(process.argv[2] ?? '') as Order).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
