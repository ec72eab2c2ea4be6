/** From the picture to the tensor, at the network's size; queues the pictures of it. */
import type { ResolvedLens } from '../../lens/resolve';
import type { InputSize } from '../../lens/values';
import type { Tensor } from '../../runtime/session';
import type { Analysis, Preprocessed } from '../analysis';
import type { EditedImage } from '../edited';
import type { Detection } from '../face/detection';
import { faceMask } from '../face/mask';
import { describeDetection, describePreprocess, subjectOfRun } from '../reporting/describe';
import type { Publisher } from '../reporting/publisher';
import { writeFace } from '../reporting/step-pictures';
import type { RunContext } from '../run-context';
import { scaleOf } from './placement';
import type { PreparedPicture } from './preprocess';
import { prepareInput, regionFor } from './preprocess';

/** What a lens says about pictures, and the size of the network's input. */
export interface PreparedFor extends Pick<ResolvedLens, 'crop' | 'preprocess' | 'range'> {
  readonly size: InputSize;
}

export interface PreparedImage {
  readonly done: Preprocessed & Pick<Analysis, 'preprocess'>;
  readonly tensor: Extract<Tensor, { type: 'float32' }>;
}

const CUTTING: Readonly<Record<string, string>> = {
  none: 'taking the whole picture',
  box: 'cutting the region out',
};

/** @param size of the network's input */
export function prepareImage(
  { options, watch, bench }: RunContext,
  decoded: EditedImage,
  detection: Detection,
  { size: [height, width], ...lens }: PreparedFor,
  publisher: Publisher,
): PreparedImage {
  watch.step('crop', CUTTING[detection.detector.id] ?? 'cutting the face out');
  const { image } = decoded;
  const prepare = (): PreparedPicture => {
    const region = regionFor(image, detection, lens);
    watch.step('wavelet', lens.preprocess.map(({ step }) => step).join(', '));
    const prepared = prepareInput(region, lens, { width, height }, bench.drawing.png.kernels);
    return { prepared, mask: faceMask(detection, prepared.crop) };
  };
  const { crop, preprocess: steps } = lens;
  const [{ box, landmarks }] = detection.faces;
  const key = JSON.stringify([detection.detector.id, box, landmarks, crop, steps, width, height]);
  const { prepared, mask } = bench.recall?.prepare(image, key, prepare) ?? prepare();
  watch.stop();
  const done = { decoded, detection, crop: prepared.crop, mask, prepared } satisfies Preprocessed;
  const preprocess = describePreprocess(done.prepared, lens);
  publisher.knows({ scale: scaleOf(prepared.placement) });
  publisher.draw((writer) => writeFace(writer, done, subjectOfRun(done)), {
    detection: describeDetection({ ...done, options }),
    preprocess,
  });
  return { done: { ...done, preprocess }, tensor: prepared.tensor };
}
