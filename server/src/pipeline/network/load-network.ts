/** The network of one analysis, loaded, and what is asked of it: which class, under which names. */
import { throwIfAborted } from '../../errors';
import { isOnnxFile } from '../../store/model-files';
import { borrowed, requireFit } from '../choose-pipeline';
import { describeModel } from '../reporting/describe';
import type { Publisher } from '../reporting/publisher';
import type { RunContext } from '../run-context';
import { inTurn } from '../run-context';
import type { Classifier } from '../workbench/workbench';
import type { PreparingStage } from './loading';
import { loadingMessage, preparingMessage, stageShares } from './loading';
import { classLabels, targetIndex } from './target';

export interface LoadedNetwork {
  readonly classifier: Classifier;
  readonly labels: readonly string[];
  /** Class index to explain; PREDICTED for the predicted one. */
  readonly wanted: number;
}

/**
 * @param end the network stays loaded until then, even if others ask the workbench for another one
 * @throws LensError where it cannot be read or run, or does not suit the pipeline
 */
export async function loadNetwork(
  run: RunContext,
  publisher: Publisher,
  end: Promise<void>,
): Promise<LoadedNetwork> {
  const { bench, weights, recipe, options, signal } = run;
  const loading = ['model', loadingMessage(weights), false] as const;
  const classifier = await inTurn(run, bench.locks.loading, loading, () => openNetwork(run, end));
  const { about } = classifier;
  requireFit(recipe, options.pipeline !== null, about, weights);
  publisher.knows({ borrowed: borrowed(recipe, about) });
  const labels = classLabels(recipe, about.classes, about.logits);
  const wanted = targetIndex(options.target ?? recipe.target, labels);
  throwIfAborted(signal);
  publisher.publish({ model: describeModel({ weights, about, labels, recipe }) });
  return { classifier, labels, wanted };
}

async function openNetwork(run: RunContext, end: Promise<void>): Promise<Classifier> {
  const { bench, weights, prepare, placement, watch, log, signal } = run;
  if (await bench.isPrepared(weights, prepare, placement)) watch.within(0, loadingMessage(weights));
  const preparing = (stage: PreparingStage): void => {
    const message = preparingMessage(weights, stage);
    log.add('INFO', message);
    watch.within(stageShares[stage], message);
  };
  return bench.classifier(weights, { ...prepare, signal, preparing }, placement, end);
}

/**
 * Side of the network's input where it is known before the network is loaded: checkpoints and generated weights are built
 * for the size that is asked for, while an ONNX file has its own.
 */
export const knownSize = ({
  weights: { path },
  recipe,
}: Pick<RunContext, 'weights' | 'recipe'>): number | null =>
  path !== null && isOnnxFile(path) ? null : recipe.inputSize;
