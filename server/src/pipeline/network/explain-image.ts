/** The run of the network: logits, every layer's maps, and where its nodes ran. */
import { throwIfAborted } from '../../errors';
import type { ReportFolder } from '../../report/folder';
import type { Explained } from '../analysis';
import { layerFiles } from '../reporting/layer-artifacts';
import type { RunContext } from '../run-context';
import { inTurn } from '../run-context';
import type { PreparedImage } from '../steps/prepare-image';
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
  const keyOf = (target: number): string => JSON.stringify([classifier.key, target]);
  const what = `Grad-CAM of ${layers.length} layers on ${device.provider}`;
  const explained = await inTurn(run, bench.locks.network, ['explain', what], async () => {
    const known = recall?.findExplained(tensor.data, keyOf(wanted));
    if (known !== undefined) {
      log.add('INFO', 'explain: computed by an earlier analysis of this process, of the same numbers');
      return known;
    }
    const found = await explainNow(run, { classifier, wanted }, tensor, folder);
    // A run for the predicted class also answers for its index.
    for (const target of new Set([wanted, found.sample.target]))
      recall?.keepExplained(tensor.data, keyOf(target), found);
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
  const nonFinite = await classifier.countNonFinite(sample, tensor);
  return { sample, nonFinite, placement: await classifier.nodePlacement() };
}
