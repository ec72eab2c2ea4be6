/** Only the verdict, while the user edits the input: a forward pass through a network that stays loaded. */
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { FilePicture, QuickVerdict } from '../../../protocol/answers';
import { throwIfAborted } from '../errors';
import { encodeRgbPng } from '../imaging/png/png';
import { resizeRgb } from '../imaging/resize';
import { withStrokes } from './edited';
import { findFace } from './face/find-face';
import { loadNetwork, requireInput } from './network/load-network';
import { describeClassifier } from './reporting/describe';
import { readPicture } from './read-picture';
import { inTurn, planRun, untilSettled, type RunHooks } from './run-context';
import { prepareInput, regionFor } from './steps/preprocess';
import type { Workbench } from './workbench/workbench';

const SILENT = { knows: () => undefined, publish: () => undefined };

/**
 * The verdict of an analysis with these options. Neither gradients nor layers are computed: the graph ends at the logits, and has a
 * session of its own beside the explain session.
 * @throws LensError as an analysis
 */
export const quickVerdict = (
  image: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks = {},
): Promise<QuickVerdict> =>
  untilSettled(async (end) => {
    const planned = await planRun(image, options, bench, hooks);
    const run = { ...planned, prepare: { ...planned.prepare, layers: [] }, session: 'verdict' as const };
    const { signal, weights } = run;
    const decoded = withStrokes(
      await readPicture(image, bench, { signal }),
      image,
      options.strokes,
      bench.recall,
    );
    const detection = await findFace(run, decoded);
    const network = await loadNetwork(run, SILENT, end);
    const { lens, labels, classifier, wanted } = network;
    const { about } = classifier;
    const [, , height = 0, width = 0] = about.inputShape;
    const region = regionFor(decoded.image, detection, lens);
    const { tensor, crop } = prepareInput(region, lens, { width, height }, bench.drawing.png.kernels);
    requireInput(tensor, network, weights);
    const sample = await inTurn(run, bench.locks.network, ['explain', 'the verdict', false], () => {
      throwIfAborted(signal);
      return classifier.explain(tensor, wanted);
    });
    return {
      classifier: describeClassifier({ sample, labels, about, lens }),
      untrained: weights.untrained,
      detector: detection.detector.id,
      faces: detection.faces.map(({ box, score }) => ({ box, score })),
      crop: crop.box,
      edited: decoded.edit === null ? null : { strokes: decoded.edit.strokes, pixels: decoded.edit.pixels },
    };
  });

/** @param side longest side of the answer in pixels */
export async function filePicture(
  path: string,
  side: number,
  bench: Workbench,
  signal?: AbortSignal,
): Promise<FilePicture> {
  const { image } = await readPicture(path, bench, { signal });
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const shrunk = (length: number): number => Math.max(1, Math.round(length * scale));
  const shown = scale === 1 ? image : resizeRgb(image, shrunk(image.width), shrunk(image.height));
  const png = (await encodeRgbPng(shown)).toString('base64');
  return { width: image.width, height: image.height, png };
}
