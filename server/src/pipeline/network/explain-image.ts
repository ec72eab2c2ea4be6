/** The run of the network: logits, every layer's maps, and where its nodes ran. */
import { throwIfAborted } from '../../errors';
import type { ReportFolder } from '../../report/folder';
import type { Tensor } from '../../runtime/session';
import type { Analysis } from '../analysis';
import { layerFiles } from '../reporting/layer-artifacts';
import type { RunContext } from '../run-context';
import { inTurn } from '../run-context';
import type { LoadedNetwork } from './load-network';

/** @param folder its folders are made while the network's threads are at work */
export async function explainImage(
  run: RunContext,
  { classifier, wanted }: LoadedNetwork,
  tensor: Tensor,
  folder: ReportFolder,
): Promise<Pick<Analysis, 'sample' | 'nonFinite' | 'placement'>> {
  const { bench, device, signal } = run;
  const { layers } = classifier.about.explain.outputs;
  const what = `Grad-CAM of ${layers.length} layers on ${device.provider}`;
  const explained = await inTurn(run, bench.locks.network, ['explain', what], async () => {
    await new Promise((resolve) => setImmediate(resolve)); // the run may block this thread: let the message out first
    throwIfAborted(signal);
    const running = classifier.explain(tensor, wanted);
    folder.prepare(layerFiles(layers));
    const sample = await running;
    throwIfAborted(signal);
    const nonFinite = await classifier.countNonFinite(sample, tensor);
    return { sample, nonFinite, placement: await classifier.nodePlacement() };
  });
  bench.explained();
  return explained;
}
