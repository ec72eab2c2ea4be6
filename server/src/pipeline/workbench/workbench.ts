/** What stays warm between analyses: the device, the detectors, the network used last, and what draws. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Detector } from '../../detection/detector';
import { Drawing } from '../../report/drawing';
import { PainterThread } from '../../report/painter-thread';
import type { ChosenDevice } from '../../runtime/devices';
import { chooseDevice } from '../../runtime/devices';
import type { Device, Provider } from '../../runtime/session';
import type { WaitingThread } from '../../runtime/session-thread';
import { ModelStore } from '../../store/store';
import { FolderCache } from '../../system/cache';
import { Mutex } from '../../system/mutex';
import { cacheRoot } from '../../system/paths';
import { remember } from '../../system/remember';
import { collectLess } from '../../system/v8-flags';
import type { Explained } from '../analysis';
import type { NetworkDetector } from '../face/detection';
import type { PrepareOptions } from '../network/prepare';
import type { Weights } from '../network/weights';
import type { PreparedPicture } from '../steps/preprocess';
import { Ahead } from './ahead';
import { DetectorPool } from './detector-pool';
import type { Placement } from './placement';
import { Recall } from './recall';
import type { Classifier } from './warm-network';
import { WarmNetwork } from './warm-network';

export type { Classifier, Placement };

/** What a session is for: reports, or verdicts of an input that is being edited. Each is held beside the other. */
export type SessionUse = 'explain' | 'verdict';

export interface WorkbenchOptions {
  /** There is only one analysis: what it no longer needs is released while it continues. */
  readonly once?: boolean;
  /** Other targets of the same picture are likely to follow: results are cached for them. */
  readonly recalls?: boolean;
  /** Started for the first network to be explained. */
  readonly thread?: WaitingThread;
}

/** The CPU needs no proof, and so none of the code that makes one. */
const probe = async (provider: Provider): Promise<void> => {
  if (provider !== 'cpu') await (await import('../../runtime/probe')).probeDevice(provider);
};

export class Workbench {
  readonly store: ModelStore;
  /** Several analyses may be under way: one at a time detects, one loads the network, one runs it. */
  readonly locks = { detector: new Mutex(), loading: new Mutex(), network: new Mutex() } as const;
  /** Draws half of a report's layers; null where there is one CPU core only. */
  readonly painter = availableParallelism() > 1 ? new PainterThread() : null;
  readonly drawing = new Drawing();
  /** Null where pictures are not revisited. */
  readonly recall: Recall<PreparedPicture, Explained> | null;
  readonly ahead = new Ahead();
  private readonly graphs: FolderCache;
  private readonly devices = new Map<Device, Promise<ChosenDevice>>();
  readonly detectorPool: DetectorPool;
  private readonly networks: Readonly<Record<SessionUse, WarmNetwork>>;
  private readonly once: boolean;

  constructor(root: string = cacheRoot(), { once = false, recalls = false, thread }: WorkbenchOptions = {}) {
    collectLess();
    this.once = once;
    this.recall = recalls ? new Recall() : null;
    this.store = new ModelStore(join(root, 'store'));
    this.graphs = new FolderCache(join(root, 'graphs'));
    this.detectorPool = new DetectorPool(this.store, this.graphs);
    this.networks = { explain: new WarmNetwork(this.graphs, thread), verdict: new WarmNetwork(this.graphs) };
  }

  /** What could not be cached for the next analysis, and why, in sentences. */
  get notCached(): readonly string[] {
    const { notCached } = this.graphs;
    return notCached === null ? [] : [notCached];
  }

  /** Determined once for each process: drivers do not come and go. */
  device(requested: Device): Promise<ChosenDevice> {
    return remember(this.devices, requested, () => chooseDevice(requested, probe, undefined, this.once));
  }

  async detector(choice: NetworkDetector, maxSize: number | null, placement: Placement): Promise<Detector> {
    const detector = await this.detectorPool.open(choice, maxSize, placement);
    return this.recall?.detector(detector) ?? detector;
  }

  /** See `WarmNetwork.open`. */
  classifier(
    weights: Weights,
    options: PrepareOptions,
    placement: Placement,
    use?: Promise<unknown>,
    session: SessionUse = 'explain',
  ): Promise<Classifier> {
    if (session === 'explain') this.ahead.drop();
    return this.networks[session].open(weights, options, placement, use);
  }

  /** See `WarmNetwork.keep`. */
  keep(classifier: Classifier, use: Promise<unknown>, session: SessionUse = 'explain'): boolean {
    return this.networks[session].keep(classifier, use);
  }

  /** Whether `classifier` would find everything cached. @throws LensError of kind `model` where the weights cannot be read */
  isPrepared(weights: Weights, options: PrepareOptions, placement: Placement): Promise<boolean> {
    return this.networks.explain.isPrepared(weights, options, placement);
  }

  /** An analysis is about to begin. */
  expect(): void {
    this.networks.explain.expect();
  }

  /** See `WarmNetwork.warmUp`. */
  warmUp(weights: Weights, options: PrepareOptions, placement: Placement): Promise<void> {
    return this.networks.explain.warmUp(weights, options, placement);
  }

  /** The network has done its part in an analysis. */
  explained(): void {
    if (this.once) this.networks.explain.releaseNow();
  }

  /** Frees the explain session, and what is cached of earlier analyses. */
  async cool(): Promise<void> {
    this.ahead.drop();
    this.recall?.forget();
    await Promise.all([this.networks.explain.cool(), this.networks.verdict.cool()]);
    this.drawing.rest();
    await this.painter?.rest();
  }

  async dispose(): Promise<void> {
    await Promise.all([this.networks.explain.dispose(), this.networks.verdict.dispose()]);
    await this.cool();
    await this.detectorPool.dispose();
    await this.painter?.stop();
  }
}
