/** Detectors that look at nothing: the box is given by hand, or the whole picture is the face. */
import { LensError } from '../errors';
import type { Box, RgbImage } from '../imaging/image';
import type { Detector } from './detector';
import type { Face } from './face';

const faceAt = (box: Box): Face => ({ box, score: null, landmarks: null, landmarksEstimated: false });

/** For pictures that are face crops already. */
export function wholeImage(): Detector {
  return {
    id: 'none',
    describe: () => 'No detector: the whole picture is analyzed.',
    detect: ({ width, height }: RgbImage) => Promise.resolve([faceAt([0, 0, width, height])]),
    dispose: () => Promise.resolve(),
  };
}

/**
 * A box in pixels of the image. It may reach over the border, where the crop is clamped.
 * @throws LensError 'usage' if it is not a box; `detect` throws kind 'image' if it lies outside the image.
 */
export function givenBox(box: Box): Detector {
  const [x0, y0, x1, y1] = box;
  if (!box.every(Number.isFinite) || x0 >= x1 || y0 >= y1) {
    throw new LensError(
      'usage',
      `The box needs finite numbers x0 < x1 and y0 < y1 in pixels; found ${box.join(',')}.`,
      { remedies: ['give-box'] },
    );
  }
  return {
    id: 'box',
    describe: () => `No detector: the box [${box.join(', ')}] was given by hand.`,
    detect: ({ width, height }: RgbImage) =>
      x1 > 0 && y1 > 0 && x0 < width && y0 < height
        ? Promise.resolve([faceAt(box)])
        : Promise.reject(
            new LensError(
              'image',
              `The box [${box.join(', ')}] lies outside the picture, which is ${width} pixels wide and ${height} high.`,
              {
                fix: 'Coordinates of a box count from the top left corner of the picture.',
                remedies: ['give-box'],
              },
            ),
          ),
    dispose: () => Promise.resolve(),
  };
}
