/** What stays warm between analyses: the device, the detectors, and the explain session of the last network. */
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { blazeFaceDetector } from '../detection/blazeface';
import { retinaFaceDetector } from '../detection/retinaface';
import { withSecondOpinion } from '../detection/second-opinion';
import { retinaFaceVariants } from '../architectures/retinaface-variants';
import type { Detector } from '../detection/detector';
import { LensError, asLensError } from '../errors';
import type { SampleResult } from '../explain/decode';
import { decodeExplain } from '../explain/decode';
import { FolderCache } from '../system/cache';
import type { ChosenDevice } from '../runtime/devices';
import { chooseDevice } from '../runtime/devices';
import type { NodePlacement } from '../runtime/node-placement';
import { Drawing } from '../report/drawing';
import { PainterThread } from '../report/painter-thread';
import { createSession } from '../runtime/onnxruntime';
import { cacheRoot } from '../system/paths';
import { probeDevice } from '../runtime/probe';
import type { WaitingThread } from '../runtime/session-thread';
import { startSessionThread } from '../runtime/session-thread';
import type { Device, Provider, Session, SessionOptions, Tensor } from '../runtime/session';
import { ModelStore } from '../store/store';
import type { NetworkDetector } from './face/detection';
import type { NonFinite } from './reporting/layers';
import { countNonFinite } from './network/non-finite';
import type { KeptGraph } from './network/kept-graph';
import type { StoredDetector } from './face/stored-detector';
import { noRetinaFace, prepareBlazeFace, prepareDetector, storedDetector } from './face/stored-detector';
import type { About, PrepareOptions } from './network/prepare';
import { isPrepared, prepare } from './network/prepare';
import { Turnstile } from './turnstile';
import type { Network, Weights } from './network/weights';

export interface Classifier {
  readonly about: About;
  /** One sample: all layers' maps, for the class index given. */
  explain(image: Tensor, target: number): Promise<SampleResult>;
  /** NaN and infinities of the layers whose statistics are not finite. */
  countNonFinite(sample: SampleResult, image: Tensor): Promise<ReadonlyMap<string, NonFinite>>;
  /** Which provider ran which nodes; null where only the processor could, and before the first sample. */
  nodePlacement(): Promise<NodePlacement | null>;
}

export interface Placement {
  readonly provider: Provider;
  readonly threads: number | null;
  /** See `SessionOptions`. */
  readonly spinning?: boolean;
}

interface Warm {
  readonly key: string;
  /** Analyses that were given the session and have not ended: it is not taken from them. */
  readonly users: Set<Promise<unknown>>;
  readonly opened: Promise<{ readonly session: Session; readonly classifier: Classifier }>;
}

export interface WorkbenchOptions {
  /** There is one analysis only: what it has no more use for is given back while it goes on. */
  readonly once?: boolean;
}

export class Workbench {
  readonly store: ModelStore;
  /** Several analyses may be under way: one at a time detects, one loads the network, one runs it. */
  readonly turns = { detector: new Turnstile(), loading: new Turnstile(), network: new Turnstile() } as const;
  /** Draws half of a report's layers; null where there is one processor only. */
  readonly painter = availableParallelism() > 1 ? new PainterThread() : null;
  readonly drawing = new Drawing();
  private readonly graphs: FolderCache;
  private readonly devices = new Map<Device, Promise<ChosenDevice>>();
  private readonly detectors = new Map<string, Promise<Detector>>();
  private warm: Warm | null = null;
  private warmingUp: Promise<void> = Promise.resolve();
  /** Started before it is known what it is to open. */
  private spare: WaitingThread | null = null;
  private releasing: Promise<void> = Promise.resolve();
  private readonly once: boolean;

  constructor(root: string = cacheRoot(), { once = false }: WorkbenchOptions = {}) {
    this.once = once;
    this.store = new ModelStore(join(root, 'store'));
    this.graphs = new FolderCache(join(root, 'graphs'));
  }

  /** What could not be kept for the next analysis, and why, in sentences. */
  get notCached(): readonly string[] {
    const { notCached } = this.graphs;
    return notCached === null ? [] : [notCached];
  }

  /** Asked once a process: a driver does not come and go. */
  device(requested: Device): Promise<ChosenDevice> {
    return remember(this.devices, requested, () => chooseDevice(requested, probeDevice));
  }

  /** RetinaFace where it is asked for or its weights are in the store, else BlazeFace. */
  async detector(choice: NetworkDetector, maxSize: number | null, placement: Placement): Promise<Detector> {
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

  /** Small enough to be loaded and run in this thread: one of its own would take longer to start. */
  private async blazeFace(): Promise<Detector> {
    const wanted = { provider: 'cpu', threads: 1, source: 'The face detector BlazeFace' } as const;
    const again = () => prepareBlazeFace(this.graphs, wanted);
    const session = await this.load(await again(), again, ({ modelPath, optimization }) =>
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
    const again = () => prepareDetector(stored, this.graphs, wanted);
    const prepared = await again();
    const { variant, notes } = prepared.about;
    const network = { variant: retinaFaceVariants[variant], notes };
    const recordPlacement = wanted.provider !== 'cpu';
    const open = () => this.load(prepared, again, inThread({ ...wanted, recordPlacement }));
    const detector = await retinaFaceDetector(network, open, { maxSize });
    // The reference takes ResNet-50's largest box, whatever another network thinks of it.
    const reorder = network.variant.body !== 'resnet50';
    return withSecondOpinion(detector, () => this.detector('blazeface', null, placement), { reorder });
  }

  /**
   * The network's explain session; the one used last stays loaded. Another network takes its place only once `use` has
   * settled for everyone who was given it.
   */
  classifier(
    weights: Weights,
    options: PrepareOptions,
    placement: Placement,
    use?: Promise<unknown>,
  ): Promise<Classifier> {
    return this.opened(weights, options, placement, use);
  }

  private async opened(
    weights: Weights,
    options: PrepareOptions,
    placement: Placement,
    use?: Promise<unknown>,
  ): Promise<Classifier> {
    const wanted = { ...sessionOptions(placement), source: weights.path ?? weights.name };
    const prepared = await prepare(weights, options, this.graphs, wanted);
    const key = `${prepared.key}:${placement.provider}:${placement.threads ?? ''}`;
    // No await between here and the new `warm`: two who ask at once get the same session.
    if (this.warm?.key !== key) {
      const take = async (earlier: Warm | null): Promise<Awaited<Warm['opened']>> => {
        await release(earlier);
        const again = () => prepare(weights, options, this.graphs, wanted);
        const recordPlacement = placement.provider !== 'cpu';
        const open = inThread({ ...wanted, recordPlacement }, () => this.thread());
        const session = await this.load(prepared, again, open);
        const classifier = toClassifier(session, prepared.about, () => weights.load(options.inputSize));
        return { session, classifier };
      };
      const warm = { key, users: new Set<Promise<unknown>>(), opened: take(this.warm) };
      this.warm = warm;
      warm.opened.catch(() => {
        if (this.warm === warm) this.warm = null;
      });
    }
    const { users, opened } = this.warm;
    if (use !== undefined) {
      users.add(use);
      void use.catch(() => undefined).then(() => users.delete(use));
    }
    return (await opened).classifier;
  }

  /** Whether `classifier` would have nothing to make. @throws LensError of kind `model` where the weights cannot be read */
  isPrepared(weights: Weights, options: PrepareOptions, placement: Placement): Promise<boolean> {
    return isPrepared(weights, options, this.graphs, sessionOptions(placement));
  }

  /** An analysis is to begin: where no network is loaded, the thread that will load one starts. */
  expect(): void {
    if (this.warm === null) this.spare ??= startSessionThread();
  }

  /** The one that was started for what comes, or a new one. */
  private thread(): WaitingThread {
    const { spare } = this;
    this.spare = null;
    return spare ?? startSessionThread();
  }

  /** The network has done its part in an analysis. */
  explained(): void {
    if (!this.once) return;
    const { warm } = this;
    this.warm = null;
    this.releasing = giveBack(warm);
  }

  /**
   * Begins to load what `classifier` will be asked for, so that the steps before it run meanwhile. Does nothing where a
   * network is loaded already, or where this one is not prepared: that takes long, and the image may yet be refused.
   */
  warmUp(weights: Weights, options: PrepareOptions, placement: Placement): Promise<void> {
    const load = async (): Promise<void> => {
      const prepared = await this.isPrepared(weights, options, placement);
      if (prepared && this.warm === null) await this.opened(weights, options, placement);
    };
    // What is wrong `classifier` says when it is asked.
    this.warmingUp = Promise.all([this.warmingUp, load().catch(() => undefined)]).then(() => undefined);
    return this.warmingUp;
  }

  /** Gives the memory of the explain session back. */
  async cool(): Promise<void> {
    const { warm, spare } = this;
    this.warm = null;
    this.spare = null;
    await Promise.all([release(warm), spare?.end(), this.releasing]);
    this.drawing.rest();
    await this.painter?.rest();
  }

  async dispose(): Promise<void> {
    await this.warmingUp;
    await this.cool();
    for (const detector of this.detectors.values())
      await detector.then((d) => d.dispose()).catch(() => undefined);
    this.detectors.clear();
    await this.painter?.stop();
  }

  /** An entry of the cache that cannot be loaded may be damaged: it is made once more. */
  private async load<About>(
    prepared: KeptGraph<About>,
    again: () => Promise<KeptGraph<About>>,
    open: OpenKept,
  ): Promise<Session> {
    try {
      return await open(prepared);
    } catch (thrown) {
      if (asLensError(thrown).kind !== 'model') throw thrown; // the device refuses: the entry is still good
      await this.graphs.remove(prepared.key);
      return open(await again());
    }
  }
}

/** How a session of a kept graph is made. */
type OpenKept = (graph: Pick<KeptGraph<unknown>, 'modelPath' | 'optimization'>) => Promise<Session>;

const inThread =
  (options: SessionOptions, start: () => WaitingThread = startSessionThread): OpenKept =>
  ({ modelPath, optimization }) =>
    start().open(modelPath, { ...options, optimization });

/** Waits for those who use it. */
async function release(warm: Warm | null): Promise<void> {
  if (warm !== null) await Promise.allSettled([...warm.users]);
  await giveBack(warm);
}

/** Waits for what is still being loaded: a thread is not to be ended meanwhile. */
async function giveBack(warm: Warm | null): Promise<void> {
  const opened = await warm?.opened.catch(() => null);
  await opened?.session.dispose();
}

const sessionOptions = ({ provider, threads, spinning = true }: Placement): SessionOptions => ({
  provider,
  spinning,
  threads: threadCount(threads),
});

/** Always said to the runtime: what it chooses by itself cannot be asked, and the report states what ran. */
export const threadCount = (threads: number | null): number => threads ?? availableParallelism();

function toClassifier(session: Session, about: About, load: () => Promise<Network>): Classifier {
  const { inputs, outputs } = about.explain;
  return {
    about,
    async explain(image, target) {
      const results = await session.run({
        [inputs.image]: image,
        [inputs.target]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(target)) },
      });
      const [sample] = decodeExplain(outputs, results);
      if (sample === undefined) throw new LensError('internal', 'The explain run gave no sample.');
      return sample;
    },
    countNonFinite: (sample, image) => countNonFinite(sample.layers, image, load),
    nodePlacement: () => session.nodePlacement(),
  };
}

/** Keeps a promise by key, but not one that failed. */
function remember<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const present = known.get(key);
  if (present !== undefined) return present;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
