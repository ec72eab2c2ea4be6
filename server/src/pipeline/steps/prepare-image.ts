/** From the picture to the tensor, at the network's size; has the pictures of it drawn. */
import type { Tensor } from '../../runtime/session';
import type { DecodedImage } from '../../imaging/decode';
import type { Analysis, Preprocessed } from '../analysis';
import type { Detection } from '../face/detection';
import { faceMask } from '../face/mask';
import { describeDetection, describePreprocess } from '../reporting/describe';
import type { Publisher } from '../reporting/publisher';
import { writeFace } from '../reporting/step-pictures';
import type { RunContext } from '../run-context';
import type { Feed } from './feed';
import { scaleOf } from './placement';
import { prepareInput, regionFor } from './preprocess';
import type { Size } from './step';

export interface PreparedImage {
  readonly done: Preprocessed & Pick<Analysis, 'preprocess'>;
  readonly tensor: Extract<Tensor, { type: 'float32' }>;
}

/** @param wanted the size of the network's input, and the steps on the way to it */
export function prepareImage(
  { recipe, options, watch, bench }: RunContext,
  decoded: DecodedImage,
  detection: Detection,
  { size, feed }: { readonly size: Size; readonly feed: Feed },
  publisher: Publisher,
): PreparedImage {
  watch.step('crop', 'cutting the face out');
  const region = regionFor(decoded.image, detection, recipe, options.crop);
  watch.step('wavelet', feed.preprocess.map(({ step }) => step).join(', '));
  const prepared = prepareInput(region, feed, size, bench.drawing.png.kernels);
  watch.stop();
  const mask = faceMask(detection, prepared.crop);
  const done = { decoded, detection, crop: prepared.crop, mask, prepared } satisfies Preprocessed;
  const preprocess = describePreprocess({ ...done, ...feed });
  publisher.knows({ scale: scaleOf(prepared.placement) });
  publisher.draw((writer) => writeFace(writer, done), {
    detection: describeDetection({ ...done, options }),
    preprocess,
  });
  return { done: { ...done, preprocess }, tensor: prepared.tensor };
}
