/** The explain session of the network used last, which stays loaded until another one is requested. */
import { LensError } from '../../errors';
import type { SampleResult } from '../../explain/decode';
import { decodeExplain } from '../../explain/decode';
import type { NodePlacement } from '../../runtime/node-placement';
import type { Session, Tensor } from '../../runtime/session';
import type { Optimizer, WaitingThread } from '../../runtime/session-thread';
import { poolOf } from '../../runtime/session-pool';
import { startSessionThread } from '../../runtime/session-thread';
import type { FolderCache } from '../../system/cache';
import { PREDICTED } from '../../explain/target';
import { THRESHOLD } from '../network/activation';
import { FileSession } from '../network/file-session';
import type { MemoryLimit } from '../network/memory-limit';
import { memoryLimit } from '../network/memory-limit';
import { countNonFinite } from '../network/non-finite';
import type { About, PrepareOptions } from '../network/prepare';
import { isPrepared, prepare } from '../network/prepare';
import type { Network, Weights } from '../network/weights';
import type { NonFinite } from '../reporting/layers';
import { lanesFor } from './lanes';
import { inThread, loadCached } from './load-cached';
import type { Placement } from './placement';
import { sessionOptions } from './placement';

export interface Classifier {
  /** Identifies the graph and where it runs: equal keys and inputs give equal results. */
  readonly key: string;
  readonly about: About;
  /** Pictures that it computes at once. */
  readonly lanes: number;
  /**
   * One sample: all layers' maps for the given class index.
   * @param compared false leaves out the float equivalent of a file that decides by itself, where no layer needs it
   */
  explain(image: Tensor, target: number, compared?: boolean): Promise<SampleResult>;
  /** NaN and infinities of the layers whose statistics are not finite. */
  countNonFinite(sample: SampleResult, image: Tensor): Promise<ReadonlyMap<string, NonFinite>>;
  /** Which provider ran which nodes; null where only the CPU could, and before the first sample. */
  nodePlacement(): Promise<NodePlacement | null>;
}

interface Warm {
  readonly key: string;
  /** Analyses that use the session and have not ended: it is not released before they have. */
  readonly users: Set<Promise<unknown>>;
  /** Resolves once the threads have been asked to load it. */
  readonly asked: Promise<unknown>;
  readonly opened: Promise<{
    readonly session: Session;
    readonly file: FileSession | null;
    readonly classifier: Classifier;
  }>;
}

export class WarmNetwork {
  private warm: Warm | null = null;
  private warmingUp: Promise<unknown> = Promise.resolve();
  /** Started before it is known which network it will load. */
  private spare: WaitingThread | null;
  private releasing: Promise<void> = Promise.resolve();

  constructor(
    private readonly cache: FolderCache,
    thread: WaitingThread | null = null,
  ) {
    this.spare = thread;
  }

  /** An analysis is about to begin: if no network is loaded, starts the thread that will load one. */
  expect(): void {
    if (this.warm === null) this.spare ??= startSessionThread();
  }

  /** Whether `open` would find everything cached. @throws LensError of kind `model` where the weights cannot be read */
  isPrepared(weights: Weights, options: PrepareOptions, placement: Placement): Promise<boolean> {
    return isPrepared(weights, options, this.cache, sessionOptions(placement));
  }

  /**
   * Starts loading the network that `open` will be called for, while earlier steps run. Does nothing if a network is
   * loaded already, or if this one is not cached: preparing takes long, and the image may yet be refused.
   * @returns resolves once its thread has been asked to load it, or will not be; `open` reports any error
   */
  async warmUp(weights: Weights, options: PrepareOptions, placement: Placement): Promise<void> {
    const begun = this.isPrepared(weights, options, placement).then((prepared) =>
      prepared && this.warm === null ? this.begin(weights, options, placement) : null,
    );
    const loading = begun.then((warm) => warm?.opened);
    this.warmingUp = Promise.allSettled([this.warmingUp, loading]);
    await begun.then((warm) => warm?.asked).catch(() => undefined);
  }

  /** @param use the network is replaced only once `use` has settled for all of its users */
  async open(
    weights: Weights,
    options: PrepareOptions,
    placement: Placement,
    use?: Promise<unknown>,
  ): Promise<Classifier> {
    const { opened } = await this.begin(weights, options, placement, use);
    return (await opened).classifier;
  }

  private async begin(
    weights: Weights,
    options: PrepareOptions,
    placement: Placement,
    use?: Promise<unknown>,
  ): Promise<Warm> {
    const wanted = { ...sessionOptions(placement), source: weights.path ?? weights.name };
    const again = () => prepare(weights, options, this.cache, wanted, this.optimizer);
    const prepared = await again();
    const limit = memoryLimit(options.memoryLimit ?? null);
    const lanes = lanesFor(placement, prepared.about.memory, limit);
    const key = `${prepared.key}:${placement.provider}:${lanes.count}:${placement.threads ?? ''}`;
    // No await between here and the new `warm`: concurrent calls get the same session.
    if (this.warm?.key !== key) {
      const recordPlacement = placement.provider !== 'cpu';
      const settings = { ...wanted, recordPlacement, threads: lanes.threads };
      const thread = inThread(settings, () => this.thread());
      const openOne = (): Promise<Session> => loadCached(this.cache, prepared, again, thread);
      // In an object, since a promise of a promise is one of its result.
      const asked = whenUnused(this.warm).then(() => ({ opening: openLanes(lanes.count, openOne) }));
      const take = async (): Promise<Awaited<Warm['opened']>> => {
        const session = await (await asked).opening;
        const load = (): Promise<Network> => weights.load(options);
        const file = fileSession(prepared.about, options.threshold ?? THRESHOLD, load);
        return {
          session,
          file,
          classifier: toClassifier(
            { key, session, file, about: prepared.about, lanes: lanes.count },
            load,
            limit,
          ),
        };
      };
      const warm = { key, users: new Set<Promise<unknown>>(), asked, opened: take() };
      this.warm = warm;
      warm.opened.catch(() => {
        if (this.warm === warm) this.warm = null;
      });
    }
    const warm = this.warm;
    if (use !== undefined) usedBy(warm, use);
    return warm;
  }

  /** Whether it is the loaded one, which then stays until `use` has settled: nothing is prepared or loaded for it. */
  keep({ key }: Pick<Classifier, 'key'>, use: Promise<unknown>): boolean {
    if (this.warm?.key !== key) return false;
    usedBy(this.warm, use);
    return true;
  }

  /** Releases the session without waiting for its users: the only analysis has run it. */
  releaseNow(): void {
    const { warm } = this;
    this.warm = null;
    this.releasing = release(warm);
  }

  /** Releases the session and its thread once unused. */
  async cool(): Promise<void> {
    const { warm, spare } = this;
    this.warm = null;
    this.spare = null;
    await Promise.all([whenUnused(warm), spare?.end(), this.releasing]);
  }

  async dispose(): Promise<void> {
    await this.warmingUp;
    await this.cool();
  }

  /** What is made is made by the thread that will load it; one in which that failed is not used again. */
  private readonly optimizer: Optimizer = {
    optimize: async (model, options) => {
      const thread = (this.spare ??= startSessionThread());
      try {
        await thread.optimize(model, options);
      } catch (thrown) {
        if (this.spare === thread) this.spare = null;
        await thread.end();
        throw thrown;
      }
    },
  };

  /** The spare thread, or a new one. */
  private thread(): WaitingThread {
    const { spare } = this;
    this.spare = null;
    return spare ?? startSessionThread();
  }
}

function usedBy({ users }: Warm, use: Promise<unknown>): void {
  users.add(use);
  void use.catch(() => undefined).then(() => users.delete(use));
}

/** Releases it after its users have ended. */
async function whenUnused(warm: Warm | null): Promise<void> {
  if (warm !== null) await Promise.allSettled([...warm.users]);
  await release(warm);
}

/** Waits for a session that is still being loaded: its thread must not be ended meanwhile. */
async function release(warm: Warm | null): Promise<void> {
  const opened = await warm?.opened.catch(() => null);
  await opened?.file?.dispose();
  await opened?.session.dispose();
}

/** Null where the explain graph computes as the file does. */
function fileSession(about: About, threshold: number, load: () => Promise<Network>): FileSession | null {
  const { precision, activation, explain } = about;
  if (precision === null) return null;
  const { inputs, outputs } = explain;
  const question = { precision, image: inputs.image, logits: outputs.logits, activation, threshold };
  return new FileSession(question, load);
}

/** Opens the first one by itself: it may find a damaged graph in the cache, and rebuild it. */
async function openLanes(count: number, open: () => Promise<Session>): Promise<Session> {
  const first = await open();
  const others: Session[] = [];
  try {
    for (let lane = 1; lane < count; lane++) others.push(await open());
  } catch (thrown) {
    await poolOf([first, ...others]).dispose();
    throw thrown;
  }
  return poolOf([first, ...others]);
}

interface Opened extends Pick<Classifier, 'key' | 'about' | 'lanes'> {
  readonly session: Session;
  readonly file: FileSession | null;
}

function toClassifier(
  { key, session, file, about, lanes }: Opened,
  load: () => Promise<Network>,
  limit: MemoryLimit,
): Classifier {
  const { inputs, outputs } = about.explain;
  const explain = async (image: Tensor, target: number): Promise<SampleResult> => {
    const results = await session.run({
      [inputs.image]: image,
      [inputs.target]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(target)) },
    });
    const [sample] = decodeExplain(outputs, results);
    if (sample === undefined) throw new LensError('internal', 'The explain run gave no sample.');
    return sample;
  };
  return {
    key,
    about,
    lanes,
    async explain(image, target, compared = true) {
      const kind = about.precision;
      if (file === null || kind === null) return explain(image, target);
      const own = await file.run(image);
      if (typeof own === 'string') {
        const sample = await explain(image, target);
        return { ...sample, precision: { kind, equivalent: sample.logits, failure: own } };
      }
      const asked = target === PREDICTED ? (own.predicted ?? PREDICTED) : target;
      const { logits, probabilities } = own;
      if (!compared && outputs.layers.length === 0 && asked !== PREDICTED)
        return { logits, probabilities, target: asked, layers: [] };
      const sample = await explain(image, asked);
      return {
        ...sample,
        logits,
        probabilities,
        precision: { kind, equivalent: sample.logits, failure: null },
      };
    },
    countNonFinite: (sample, image) => countNonFinite(sample.layers, image, load, limit),
    nodePlacement: () => session.nodePlacement(),
  };
}
