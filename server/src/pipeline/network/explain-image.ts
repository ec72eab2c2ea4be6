/** The run of the network: logits, every layer's maps, and where its nodes ran. */
import { throwIfAborted } from '../../errors';
import type { ReportFolder } from '../../report/folder';
import type { Explained } from '../analysis';
import { layerFiles } from '../reporting/layer-artifacts';
import type { RunContext } from '../run-context';
import { inTurn, untilSettled } from '../run-context';
import type { PreparedImage } from '../steps/prepare-image';
import type { SampleResult } from '../../explain/decode';
import type { Tensor } from '../../runtime/session';
import type { Classifier } from '../workbench/workbench';
import type { LoadedNetwork } from './load-network';

/** @param folder its folders are created while the network runs */
export async function explainImage(
  run: RunContext,
  { classifier, wanted }: LoadedNetwork,
  tensor: PreparedImage['tensor'],
  folder: ReportFolder,
): Promise<Explained> {
  const { bench, device, log } = run;
  const { layers } = classifier.about.explain.outputs;
  const { recall } = bench;
  const keyOf = (target: number): string => keyFor(classifier, target);
  const what = `Grad-CAM of ${layers.length} layers on ${device.provider}`;
  const explained = await inTurn(run, bench.locks.network, ['explain', what], async () => {
    const known = recall?.findExplained(tensor.data, keyOf(wanted));
    if (known !== undefined) {
      log.add('INFO', 'explain: computed by an earlier analysis of this process, of the same numbers');
      return known;
    }
    const begun = performance.now();
    const found = await explainNow(run, { classifier, wanted }, tensor, folder);
    const took = performance.now() - begun;
    // A run for the predicted class also answers for its index.
    for (const target of new Set([wanted, found.sample.target]))
      recall?.keepExplained(tensor.data, keyOf(target), found);
    const other = likelyNext(found.sample, classifier.about.classes);
    if (recall !== null && run.hooks.ahead !== undefined && other !== null)
      bench.ahead.offer(took, () => computeAhead(run, classifier, other, tensor));
    return found;
  });
  bench.explained();
  return explained;
}

async function explainNow(
  { signal, options }: RunContext,
  { classifier, wanted }: Pick<LoadedNetwork, 'classifier' | 'wanted'>,
  tensor: PreparedImage['tensor'],
  folder: ReportFolder,
): Promise<Explained> {
  await new Promise((resolve) => setImmediate(resolve)); // the run may block this thread: send the message first
  throwIfAborted(signal);
  const running = classifier.explain(tensor, wanted);
  if (options.pictures !== 'later') folder.prepare(layerFiles(classifier.about.explain.outputs.layers));
  const sample = await running;
  throwIfAborted(signal);
  return finished(classifier, sample, tensor);
}

/** Equal keys have equal results for one tensor. */
const keyFor = ({ key }: Classifier, target: number): string => JSON.stringify([key, target]);

async function finished(classifier: Classifier, sample: SampleResult, tensor: Tensor): Promise<Explained> {
  const nonFinite = await classifier.countNonFinite(sample, tensor);
  return { sample, nonFinite, placement: await classifier.nodePlacement() };
}

/** Of the classes that were not explained the one with the highest logit; null where there is none. */
function likelyNext({ logits, target }: SampleResult, classes: number): number | null {
  if (classes < 2) return null;
  // One logit stands for two classes.
  if (logits.length < classes) return target === 0 ? 1 : 0;
  let next = -1;
  logits.forEach((logit, i) => {
    if (i !== target && (next < 0 || logit > (logits[next] ?? 0))) next = i;
  });
  return next;
}

/** As `explainImage` will find it: one run, of the network that the analysis has used, if it is still loaded. */
function computeAhead(
  { bench, session, hooks, imagePath }: RunContext,
  classifier: Classifier,
  target: number,
  tensor: PreparedImage['tensor'],
): Promise<void> {
  return untilSettled(async (end) => {
    if (!bench.keep(classifier, end, session)) return;
    await bench.locks.network.pass(async () => {
      const key = keyFor(classifier, target);
      if (bench.recall?.findExplained(tensor.data, key) !== undefined) return;
      hooks.ahead?.(`Computing ahead: class ${target} of ${imagePath}.`);
      const sample = await classifier.explain(tensor, target);
      bench.recall?.keepExplained(tensor.data, key, await finished(classifier, sample, tensor));
      hooks.ahead?.(`Computed ahead: class ${target} of ${imagePath}.`);
    });
  });
}
