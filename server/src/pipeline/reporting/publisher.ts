/** Publishes the parts of a report as soon as their pictures are on disk. */
import type { Report } from '../../../../protocol/report';
import type { PassedOver } from '../../lens/sources/files';
import type { PartialLayer, PartialReport } from '../../../../protocol/requests';
import type { DecodeNote } from '../../imaging/decode';
import { ArtifactWriter } from '../../report/artifacts';
import type { Drawing } from '../../report/drawing';
import type { ReportFolder } from '../../report/folder';
import type { KeptPictures } from '../../report/kept-pictures';
import type { RunContext } from '../run-context';
import { computeWarnings } from './warnings';

/** Milliseconds between two messages about layers: often enough to watch, rare enough to cost nothing. */
const PAUSE = 100;

type Listener = (folder: string, report: PartialReport) => void;

/** What warnings are computed from in addition to the published parts. */
export interface Beforehand {
  readonly untrained: boolean;
  /** As in `Facts`; left out before the network is loaded. */
  readonly borrowed?: string | null;
  readonly passedOver?: readonly PassedOver[];
  /** As in `Facts`; left out before the picture is prepared. */
  readonly scale?: { readonly x: number; readonly y: number };
  readonly notes: readonly DecodeNote[];
}

/** For one run. Pictures are drawn in the background, step by step, while the network is loaded and runs. */
export class Publisher {
  private known: Partial<Report> = {};
  private drawing: Promise<void> = Promise.resolve();
  private fresh: PartialLayer[] = [];
  private timer: NodeJS.Timeout | null = null;
  /**
   * 0 at first, so that the first layers are published immediately, even if all are drawn within one
   * interval.
   */
  private pause = 0;
  private over = false;

  /**
   * @param listener null if nobody watches: pictures are written, and nothing is published
   * @param kept pictures of earlier analyses
   */
  constructor(
    private readonly folder: ReportFolder,
    private readonly listener: Listener | null,
    private beforehand: Beforehand,
    private readonly signal: AbortSignal | undefined,
    private readonly drawer: Drawing,
    private readonly kept: KeptPictures | null = null,
  ) {}

  /**
   * Writes pictures after those of earlier calls, then publishes what they show. Errors are thrown by `finish`.
   */
  draw(write: (writer: ArtifactWriter) => void, known: Partial<Omit<Report, 'layers'>> = {}): void {
    const drawing = this.drawing.then(async () => {
      const writer = new ArtifactWriter(this.folder, this.signal, this.drawer, this.kept);
      write(writer);
      await writer.finish();
      this.publish(known);
    });
    this.drawing = drawing;
    drawing.catch(() => undefined); // `finish` rethrows it
  }

  /** Adds facts that warnings are computed from. */
  knows(more: Partial<Beforehand>): void {
    this.beforehand = { ...this.beforehand, ...more };
  }

  /** Publishes parts that need no picture, or whose pictures are on disk. */
  publish(known: Partial<Omit<Report, 'layers'>>, layers: Pick<PartialReport, 'layers' | 'maps'> = {}): void {
    if (this.listener === null || this.over || Object.keys(known).length === 0) return;
    this.known = { ...this.known, ...known };
    const { notes, ...facts } = this.beforehand;
    const warnings = computeWarnings({ ...this.known, ...facts }, notes);
    this.listener(this.folder.path, { ...known, warnings, ...layers });
  }

  /** Publishes layers whose pictures are on disk, several at a time. */
  drawn(layer: PartialLayer): void {
    if (this.listener === null || this.over) return;
    this.fresh.push(layer);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const layers = this.fresh;
      this.fresh = [];
      this.pause = PAUSE;
      this.listener?.(this.folder.path, { layers });
    }, this.pause);
  }

  /** Waits for every picture. @throws the error of the first that could not be drawn or written */
  async finish(): Promise<void> {
    await this.drawing;
  }

  /** Ends publishing: the run is over, and its folder has been renamed or removed. */
  end(): void {
    this.over = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}

export function publisherOf(
  { weights, hooks, signal, bench }: RunContext,
  { notes }: { readonly notes: readonly DecodeNote[] },
  folder: ReportFolder,
): Publisher {
  return new Publisher(
    folder,
    hooks.partial ?? null,
    { untrained: weights.untrained, notes },
    signal,
    bench.drawing,
    bench.recall?.pictures,
  );
}
