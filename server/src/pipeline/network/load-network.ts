/** The loaded network of one analysis, and the class to explain under its name. */
import type { LensKey } from '../../../../protocol/lens';
import { throwIfAborted } from '../../errors';
import { placeIn } from '../../lens/not-taken';
import { requireShape } from '../../lens/constraints';
import { withPlaceInErrors } from '../../lens/resolve';
import type { InputSize } from '../../lens/values';
import type { Tensor } from '../../runtime/session';
import { isOnnxFile } from '../../store/model-files';
import type { FittedLens } from '../choose-lens';
import { describeModel } from '../reporting/describe';
import type { Publisher } from '../reporting/publisher';
import type { RunContext } from '../run-context';
import { inTurn } from '../run-context';
import type { Classifier } from '../workbench/workbench';
import type { PreparingStage } from './loading';
import { loadingMessage, preparingMessage, stageShares } from './loading';
import { networkName } from './proved-network';
import { classLabels, targetIndex } from './target';
import type { Weights } from './weights';

export interface LoadedNetwork {
  readonly classifier: Classifier;
  readonly lens: FittedLens;
  readonly labels: readonly string[];
  /** Class index to explain; PREDICTED for the predicted one. */
  readonly wanted: number;
}

/**
 * @param end the network stays loaded until then, even if others ask the workbench for another one
 * @throws LensError where it cannot be read or run, or does not fit the lens
 */
export async function loadNetwork(
  run: RunContext,
  publisher: Pick<Publisher, 'knows' | 'publish'>,
  end: Promise<void>,
): Promise<LoadedNetwork> {
  const { bench, weights, lens: chosen, signal } = run;
  const loading = ['model', loadingMessage(weights), false] as const;
  const classifier = await inTurn(run, bench.locks.loading, loading, () => openNetwork(run, end));
  const { about } = classifier;
  const lens = await chosen.resolve(about);
  publisher.knows({ borrowed: lens.borrowed, passedOver: lens.passedOver });
  const labels = classLabels(lens, about.classes, about.logits);
  const wanted = targetIndex(lens.target, labels, placeOf(lens, 'target'));
  throwIfAborted(signal);
  publisher.publish({ lens: lens.report, model: describeModel({ weights, about, labels, lens }) });
  return { classifier, lens, labels, wanted };
}

/** @throws LensError of kind `usage` if the steps end at another shape than the network's input */
export function requireInput({ dims }: Pick<Tensor, 'dims'>, network: LoadedNetwork, weights: Weights): void {
  const { lens, classifier } = network;
  const { inputShape, architecture } = classifier.about;
  requireShape(dims, inputShape, lens.prepared.subject, networkName(weights, architecture));
}

/** Where a lens or another file sets a value; null for options and defaults. */
function placeOf({ report }: FittedLens, key: LensKey): string | null {
  const value = report.values.find((each) => each.key === key);
  return value === undefined || value.origin === 'option' || value.origin === 'default'
    ? null
    : placeIn(value.detail);
}

async function openNetwork(run: RunContext, end: Promise<void>): Promise<Classifier> {
  const { bench, weights, prepare, placement, watch, log, signal, session, lens } = run;
  if (await bench.isPrepared(weights, prepare, placement)) watch.within(0, loadingMessage(weights));
  const preparing = (stage: PreparingStage): void => {
    const message = preparingMessage(weights, stage);
    log.add('INFO', message);
    watch.within(stageShares[stage], message);
  };
  return withPlaceInErrors(lens.plan, () =>
    bench.classifier(weights, { ...prepare, signal, preparing }, placement, end, session),
  );
}

/**
 * Size of the network's input where it is known before the network is loaded: checkpoints and generated weights are built
 * for the size that is requested, while an ONNX file has its own.
 */
export const knownSize = ({
  weights: { path },
  lens: { plan },
}: Pick<RunContext, 'weights' | 'lens'>): InputSize | null =>
  path !== null && isOnnxFile(path) ? null : plan.size;
