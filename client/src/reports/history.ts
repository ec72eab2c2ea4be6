/** The reports of this user, over all windows and restarts: what each said, and where it lies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter, type Event, type Memento } from 'vscode';
import { percentage } from '../../../protocol/percentage';
import type { Report } from '../../../protocol/report';
import { tellingLayer } from '../../../protocol/telling';

export interface ReportEntry {
  /** Absolute path of the report folder. */
  readonly folder: string;
  /** The image's file name, or what the reader called it. */
  readonly title: string;
  readonly image: string;
  readonly verdict: string;
  /** Empty where the report has none. */
  readonly lens: string;
  readonly weights: string;
  readonly untrained: boolean;
  /** The picture was edited by hand, so that the verdict is not one on the file. */
  readonly edited?: true;
  /** When it was made: ISO 8601. */
  readonly time: string;
  /** A picture in the folder, relative to it. */
  readonly thumbnail: string;
}

const KEY = 'reports';

/** More are not listed: storage has its own limit. */
const MOST = 500;

export class History {
  private readonly changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.changed.event;

  constructor(private readonly memory: Memento) {}

  /** The newest first; without those whose folder is gone. */
  list(): readonly ReportEntry[] {
    return this.all().filter(({ folder }) => existsSync(join(folder, 'report.json')));
  }

  /** Those whose verdict is one on the file, the newest first. */
  ofFiles(): readonly ReportEntry[] {
    return this.list().filter(({ edited }) => edited !== true);
  }

  async record(report: Report, folder: string): Promise<void> {
    const others = this.all().filter((entry) => entry.folder !== folder);
    await this.write([entryOf(report, folder), ...others].slice(0, MOST));
  }

  async rename(folder: string, title: string): Promise<void> {
    await this.write(this.all().map((entry) => (entry.folder === folder ? { ...entry, title } : entry)));
  }

  async move(from: string, to: string): Promise<void> {
    await this.write(this.all().map((entry) => (entry.folder === from ? { ...entry, folder: to } : entry)));
  }

  /** One report for another, under the name that the reader gave it. */
  async supersede(before: string, now: string): Promise<void> {
    const named = this.all().find(({ folder }) => folder === before)?.title;
    const others = this.all().filter(({ folder }) => folder !== before);
    const titled = (entry: ReportEntry) =>
      entry.folder === now && named !== undefined ? { ...entry, title: named } : entry;
    await this.write(others.map(titled));
  }

  async forget(folders: readonly string[]): Promise<void> {
    await this.write(this.all().filter(({ folder }) => !folders.includes(folder)));
  }

  /** Lists again what may have gone from disk. */
  refresh(): void {
    this.changed.fire();
  }

  private all(): readonly ReportEntry[] {
    return this.memory.get<readonly ReportEntry[]>(KEY) ?? [];
  }

  private async write(entries: readonly ReportEntry[]): Promise<void> {
    await this.memory.update(KEY, entries);
    this.changed.fire();
  }
}

export function entryOf(report: Report, folder: string): ReportEntry {
  const { input, classifier, lens, model } = report;
  const { confidence, predicted } = classifier;
  const share = typeof confidence === 'number' ? ` ${percentage(confidence)}` : '';
  return {
    ...{ folder, image: input.path, title: input.path.slice(input.path.search(/[^\\/]*$/)) },
    verdict: classifier.verdict?.map(({ label }) => label).join(', ') || `${predicted.label}${share}`,
    ...{
      lens: lens?.name ?? '',
      weights: model.name,
      untrained: model.untrained,
      ...(input.edited === undefined ? {} : { edited: true as const }),
      time: new Date().toISOString(),
    },
    thumbnail: thumbnailOf(report),
  };
}

/** The deepest layer's heatmap that shows something and is a picture, else the image. */
function thumbnailOf({ layers, input }: Report): string {
  const telling = tellingLayer(layers);
  return telling?.heatmaps[0]?.picture ?? input.pictures.original;
}
