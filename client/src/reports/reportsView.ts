/** The Reports view in the side bar: every report with its picture, verdict, lens and age. */
import { join } from 'node:path';
import {
  Disposable,
  EventEmitter,
  MarkdownString,
  TreeItem,
  Uri,
  window,
  type Event,
  type TreeDataProvider,
} from 'vscode';
import { commandIds } from '../commands/ids';
import { ageOf } from './age';
import type { ReportEntry } from './entries';
import type { History } from './history';
import type { Services } from '../services';
import type { ReportStorage } from './storage';
import { watchFolder } from './watch';
import { t } from '../l10n';

const VIEW = 'inferenceLens.reports';

/** Ages are brought up to date this often, milliseconds. */
const MINUTE = 60_000;

class Reports implements TreeDataProvider<ReportEntry> {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeTreeData: Event<void> = this.changed.event;

  constructor(
    private readonly history: History,
    private readonly storage: ReportStorage,
  ) {
    history.onChange(() => {
      this.changed.fire();
    });
  }

  getChildren(entry?: ReportEntry): ReportEntry[] {
    return entry === undefined ? [...this.history.list()] : [];
  }

  getTreeItem(entry: ReportEntry): TreeItem {
    const { folder, title, verdict, thumbnail, time } = entry;
    const lens = lensOf(entry);
    const age = ageOf(time, Date.now());
    const item = new TreeItem(title);
    item.id = folder;
    item.description = [verdict, ...remarks(entry), age, lens].join(' · ');
    item.iconPath = Uri.file(join(folder, thumbnail));
    item.contextValue = this.storage.holds(folder) ? 'stored' : 'saved';
    item.accessibilityInformation = { label: t('Report of {0}: {1}', title, item.description) };
    item.tooltip = tooltip(entry, age);
    item.command = { command: commandIds.openReport, title: t('Open Report'), arguments: [entry] };
    return item;
  }
}

/** What must not be overlooked beside a verdict. */
const remarks = ({ untrained, edited }: ReportEntry): readonly string[] => [
  ...(edited === true ? [t('picture edited by hand')] : []),
  ...(untrained ? [t('untrained')] : []),
];

const lensOf = ({ lens }: ReportEntry): string => (lens === '' ? t('no lens') : lens);

/** Names in reports are text: only what is written here is markdown. */
function tooltip(entry: ReportEntry, age: string) {
  const { folder, image, verdict, weights, untrained, edited, thumbnail } = entry;
  const lens = lensOf(entry);
  const text = new MarkdownString();
  text.appendMarkdown(`![](${Uri.file(join(folder, thumbnail)).toString()}|width=240)\n\n`);
  for (const line of [
    edited === true
      ? t('{0}: of a picture that was edited by hand, not of the file as it is', verdict)
      : verdict,
    untrained ? t('{0}, {1}, untrained: it predicts nothing', lens, weights) : `${lens}, ${weights}`,
    image,
    age,
  ])
    text.appendText(line).appendMarkdown('\n\n');
  return text;
}

export function showReports({ history, storage }: Pick<Services, 'history' | 'storage'>): Disposable {
  const view = window.createTreeView(VIEW, { treeDataProvider: new Reports(history, storage) });
  const timer = setInterval(() => {
    if (view.visible) history.refresh();
  }, MINUTE);
  const listening = view.onDidChangeVisibility(({ visible }) => {
    if (visible) history.refresh();
  });
  // Other windows list, rename and delete too; a folder may also be deleted by hand.
  const watchers = [history.place, storage.root].map((folder) =>
    watchFolder(folder, () => history.refresh()),
  );
  return Disposable.from(view, listening, ...watchers, { dispose: () => clearInterval(timer) });
}
