/** Where the network looks: by a detector, one picture at a time, by hand, or everywhere. */
import type { DecodedImage } from '../../imaging/decode';
import type { RunContext } from '../run-context';
import { inTurn } from '../run-context';
import type { Detection } from './detection';
import { detectFaces } from './detection';

/** @throws LensError of kind `image` where there is no face */
export function findFace(run: RunContext, { image }: Pick<DecodedImage, 'image'>): Promise<Detection> {
  const { bench, imagePath, options, lens, placement, signal } = run;
  const wanted = { ...options, detector: lens.early.detector };
  const whole = wanted.detector === 'none';
  const message = whole ? 'no detector' : options.box === null ? 'looking for faces' : 'the box is given';
  const step = ['detection', message, !whole && options.box === null] as const;
  return inTurn(run, bench.locks.detector, step, () =>
    detectFaces(
      ...([image, imagePath, wanted] as const),
      (choice, maxSize) => bench.detector(choice, maxSize, placement),
      signal,
    ),
  );
}
