/** The face detectors that stay loaded: BlazeFace in this thread, RetinaFace in a thread of its own. */
import { retinaFaceVariants } from '../../architectures/retinaface-variants';
import { blazeFaceDetector } from '../../detection/blazeface';
import type { Detector } from '../../detection/detector';
import { withSecondOpinion } from '../../detection/second-opinion';
import { createSession } from '../../runtime/onnxruntime';
import type { ModelStore } from '../../store/store';
import type { FolderCache } from '../../system/cache';
import { remember } from '../../system/remember';
import type { NetworkDetector } from '../face/detection';
import type { StoredDetector } from '../face/stored-detector';
import { noRetinaFace, prepareBlazeFace, prepareDetector, storedDetector } from '../face/stored-detector';
import { inThread, loadCached } from './load-cached';
import type { Placement } from './placement';
import { sessionOptions } from './placement';

export class DetectorPool {
  private readonly detectors = new Map<string, Promise<Detector>>();

  constructor(
    private readonly store: ModelStore,
    private readonly cache: FolderCache,
  ) {}

  /** RetinaFace if requested or if its weights are in the store, else BlazeFace. */
  async open(choice: NetworkDetector, maxSize: number | null, placement: Placement): Promise<Detector> {
    const stored = choice === 'blazeface' ? null : await storedDetector(this.store);
    if (stored === null && choice === 'retinaface') throw noRetinaFace();
    const key =
      stored === null
        ? 'blazeface'
        : `${stored.sha256}:${maxSize ?? ''}:${placement.provider}:${placement.threads ?? ''}`;
    return remember(this.detectors, key, () =>
      stored === null ? this.blazeFace() : this.retinaFace(stored, maxSize, placement),
    );
  }

  async dispose(): Promise<void> {
    for (const detector of this.detectors.values())
      await detector.then((d) => d.dispose()).catch(() => undefined);
    this.detectors.clear();
  }

  /** Small enough to be loaded and run in this thread: one of its own would take longer to start. */
  private async blazeFace(): Promise<Detector> {
    const wanted = { provider: 'cpu', threads: 1, source: 'The face detector BlazeFace' } as const;
    const again = () => prepareBlazeFace(this.cache, wanted);
    const session = await loadCached(this.cache, await again(), again, ({ modelPath, optimization }) =>
      createSession(modelPath, { ...wanted, optimization }),
    );
    return blazeFaceDetector(session);
  }

  private async retinaFace(
    stored: StoredDetector,
    maxSize: number | null,
    placement: Placement,
  ): Promise<Detector> {
    const wanted = { ...sessionOptions(placement), source: stored.path };
    const again = () => prepareDetector(stored, this.cache, wanted);
    const prepared = await again();
    const { variant, notes } = prepared.about;
    const network = { variant: retinaFaceVariants[variant], notes };
    const recordPlacement = wanted.provider !== 'cpu';
    const open = () => loadCached(this.cache, prepared, again, inThread({ ...wanted, recordPlacement }));
    const { retinaFaceDetector } = await import('../../detection/retinaface');
    const detector = await retinaFaceDetector(network, open, { maxSize });
    // The reference takes ResNet-50's largest box, whatever another network thinks of it.
    const reorder = network.variant.body !== 'resnet50';
    return withSecondOpinion(detector, () => this.open('blazeface', null, placement), { reorder });
  }
}
