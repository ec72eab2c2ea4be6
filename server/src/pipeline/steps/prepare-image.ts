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
import { prepareInput, regionFor } from './preprocess';

export interface PreparedImage {
  readonly done: Preprocessed & Pick<Analysis, 'preprocess'>;
  readonly tensor: Extract<Tensor, { type: 'float32' }>;
}

/** @param size side of the network's square input */
export function prepareImage(
  { recipe, options, watch, bench }: RunContext,
  decoded: DecodedImage,
  detection: Detection,
  size: number,
  publisher: Publisher,
): PreparedImage {
  watch.step('crop', 'cutting the face out');
  const region = regionFor(decoded.image, detection, recipe, options.crop);
  watch.step('wavelet', recipe.preprocess.map(({ step }) => step).join(', '));
  const input = { width: size, height: size };
  const prepared = prepareInput(region, recipe, input, bench.drawing.png.kernels);
  watch.stop();
  const mask = faceMask(detection, prepared.crop);
  const done = { decoded, detection, crop: prepared.crop, mask, prepared } satisfies Preprocessed;
  const preprocess = describePreprocess({ ...done, recipe });
  publisher.draw((writer) => writeFace(writer, done), {
    detection: describeDetection({ ...done, options }),
    preprocess,
  });
  return { done: { ...done, preprocess }, tensor: prepared.tensor };
}
