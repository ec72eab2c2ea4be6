/** The reports of this user, over all windows and restarts: what each said, and where it lies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter, type Event } from 'vscode';
import { percentage } from '../../../protocol/percentage';
import type { Report } from '../../../protocol/report';
import { tellingLayer } from '../../../protocol/telling';
import type { ReportEntries, ReportEntry } from './entries';
import { wholeFolder } from './storage';

export class History {
  private readonly changed = new EventEmitter<void>();
  readonly onChange: Event<void> = this.changed.event;

  constructor(private readonly entries: ReportEntries) {}

  /** Folder that changes with the list, whichever window changes it. */
  get place(): string {
    return this.entries.place;
  }

  /** The newest first; without those whose folder is gone. */
  list(): readonly ReportEntry[] {
    return this.entries.all().filter(isThere);
  }

  /** Those whose verdict is one on the file, the newest first. */
  ofFiles(): readonly ReportEntry[] {
    return this.list().filter(({ edited }) => edited !== true);
  }

  /** Of the reports that lie in one of these folders. */
  within(folders: readonly string[]): readonly ReportEntry[] {
    return this.entries.all().filter(({ folder }) => folders.includes(wholeFolder(folder)));
  }

  record(report: Report, folder: string): void {
    this.put([entryOf(report, folder)]);
  }

  rename(entry: ReportEntry, title: string): void {
    this.put([{ ...entry, title }]);
  }

  move(entry: ReportEntry, to: string): void {
    this.entries.put([{ ...entry, folder: to }]);
    this.forget([entry]);
  }

  /** One report for another, under the name that the reader gave it. */
  supersede(before: string, now: string): void {
    const all = this.entries.all();
    const named = all.find(({ folder }) => folder === before)?.title;
    const entry = all.find(({ folder }) => folder === now);
    if (entry !== undefined && named !== undefined) this.entries.put([{ ...entry, title: named }]);
    this.forget([{ folder: before }]);
  }

  forget(reports: readonly Pick<ReportEntry, 'folder'>[]): void {
    for (const { folder } of reports) this.entries.remove(folder);
    this.refresh();
  }

  put(entries: readonly ReportEntry[]): void {
    this.entries.put(entries);
    this.refresh();
  }

  /** Lists again what may have changed on disk. */
  refresh(): void {
    this.changed.fire();
  }
}

const isThere = ({ folder }: ReportEntry): boolean => existsSync(join(folder, 'report.json'));

function entryOf(report: Report, folder: string): ReportEntry {
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
