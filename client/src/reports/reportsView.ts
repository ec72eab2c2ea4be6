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
  type TreeView,
} from 'vscode';
import { commandIds } from '../commands/ids';
import { runCommand } from '../commands/run';
import { ageOf } from './age';
import type { ReportEntry } from './entries';
import type { History } from './history';
import type { ReportStorage } from './storage';
import { watchFolder } from './watch';
import { t } from '../l10n';

const VIEW = 'inferenceLens.reports';

/** Of the list that has the focus; opens nothing. */
const TOGGLE = 'list.toggleSelection';

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

export class ReportsView {
  private readonly view: TreeView<ReportEntry>;
  private readonly parts: Disposable;

  constructor(history: History, storage: ReportStorage) {
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
    this.view = view;
    this.parts = Disposable.from(view, listening, ...watchers, { dispose: () => clearInterval(timer) });
  }

  /**
   * The row with the keyboard's focus, while the view has it. VS Code tells extensions only which rows are selected, which the arrow keys
   * do not change: so the focused row is put into the selection, or taken out of it, for a moment.
   */
  async focused(): Promise<ReportEntry | undefined> {
    const before = this.view.selection;
    await runCommand(TOGGLE);
    const after = this.view.selection;
    await runCommand(TOGGLE);
    return [...without(after, before), ...without(before, after)][0];
  }

  dispose(): void {
    this.parts.dispose();
  }
}

const without = (entries: readonly ReportEntry[], others: readonly ReportEntry[]): readonly ReportEntry[] =>
  entries.filter(({ folder }) => !others.some((other) => other.folder === folder));
