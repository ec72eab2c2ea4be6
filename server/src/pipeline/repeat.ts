/** Repeats a report's analysis up to the run of its network: the same weights and the same tensor, from the files that the report names. */
import { readReportFolder } from '../../../files/report-folder';
import type { Report } from '../../../protocol/report';
import { LensError } from '../errors';
import { cropRgb } from '../imaging/resize';
import { requireShape } from '../lens/constraints';
import { optionsOf } from '../report/options';
import type { Tensor } from '../runtime/session';
import type { ModelStore } from '../store/store';
import { changed, imageOf, requireRead } from './again';
import type { DefaultWeights, Network, Weights } from './network/weights';
import { resolveWeights } from './network/weights';
import { recordedOutput, recordedSteps } from './recorded-lens';
import { prepareInput } from './steps/preprocess';

export interface Repeated {
  readonly weights: Weights;
  readonly network: Network;
  /** What the network received. */
  readonly tensor: Tensor;
}

/** @throws LensError of kind `usage` where the folder holds no report */
export const reportIn = async (folder: string): Promise<Report> =>
  requireRead(await readReportFolder(folder));

/** @throws LensError of kind `image` or `model` if they have changed since the report was written */
export async function repeatInput(
  folder: string,
  report: Report,
  store: ModelStore,
  signal?: AbortSignal,
): Promise<Repeated> {
  const preprocess = recordedSteps(report, folder);
  const image = await imageOf(report, signal);
  const weights = await resolveWeights(optionsOf(report, folder), demoOf(report), store);
  if (weights.path !== null && (await weights.sha256()) !== report.model.sha256)
    throw changed('model', weights.path);
  const { size: width, height = width, box } = report.detection.crop;
  const outputName = recordedOutput(report);
  const network = await weights.load({ inputSize: [height, width], outputName }, signal);
  const [, , rows, columns] = network.input.shape;
  if (rows !== height || columns !== width) throw otherNetwork(folder, `an input of ${width} x ${height}`);
  const region = { box, clamped: false, mode: 'whole', image: cropRgb(image, box) } as const;
  const { tensor } = prepareInput(region, { preprocess }, { width, height });
  requireShape(tensor.dims, network.input.shape, `The report ${folder}`, 'the network');
  return { weights, network, tensor };
}

/** Defaults for demo weights of the same network; all other weights are named in full. */
const demoOf = ({ model, classifier }: Report): DefaultWeights => ({
  ...{ id: null, architecture: model.architecture, classes: classifier.logits.length },
  subject: 'The report',
});

/** The error where a report was not made with this network, or was changed since. */
export const otherNetwork = (folder: string, found: string): LensError =>
  new LensError('usage', `${folder}: the report has ${found}, which the network it names does not have.`, {
    fix: 'Analyze the image again to get a new report.',
  });

/** @throws LensError of kind `usage` where the report has no such layer */
export function layerOf(folder: string, { layers }: Report, name: string): Report['layers'][number] {
  const row = layers.find((layer) => layer.name === name);
  if (row !== undefined) return row;
  throw new LensError('usage', `${folder}: the report has no layer "${name}".`, {
    fix: `Ask for one of its ${layers.length} layers, such as "${layers.at(-1)?.name ?? ''}".`,
  });
}
