/** Test files (`*.check.json`), and lenses with `expect`, in the Test Explorer: found where there is one, and listed again as they change. */
import {
  Disposable,
  Range,
  TestRunProfileKind,
  TestRunRequest,
  Uri,
  tests,
  window,
  workspace,
  type TestController,
  type TestItem,
  type TextDocument,
} from 'vscode';
import { CHECK_SUFFIX, type ListedCheck } from '../../../protocol/checks';
import type { Failure } from '../../../protocol/failure';
import { listCheck } from '../../../protocol/requests';
import { runCommand } from '../commands/run';
import { showFailure } from '../commands/failure';
import type { Services } from '../services';
import { findFiles, isCheck, isLens, mayExpect, openText, PATTERN, save, saysExpect } from './files';
import { CheckProblems, rangeOf } from './problems';
import { idOf, runOne } from './run';
import { spanOf } from './shown';
import { t } from '../l10n';

/** Milliseconds without a key before a text is looked at again. */
const PAUSE = 300;

export class Checks implements Disposable {
  /** Null until there is a test file: the editor shows its Testing view wherever there is a controller. */
  private made: TestController | null = null;
  private readonly problems = new CheckProblems();
  /** By the file's id, of its present text. */
  private readonly listings = new Map<string, Promise<ListedCheck>>();
  private readonly pauses = new Map<string, NodeJS.Timeout>();
  private readonly listening: Disposable[] = [];

  constructor(private readonly services: Services) {
    const watcher = workspace.createFileSystemWatcher(PATTERN);
    this.listening.push(
      watcher,
      watcher.onDidCreate((uri) => void this.found(uri)),
      watcher.onDidChange((uri) => {
        // Of open files the editor says itself what changes, and whether saving them changed anything.
        if (openText(uri) === null) this.changed(uri);
      }),
      watcher.onDidDelete((uri) => this.forget(uri)),
      workspace.onDidOpenTextDocument((document) => this.opened(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && (isCheck(document.uri) || isLens(document.uri)))
          this.changed(document.uri);
      }),
      workspace.onDidGrantWorkspaceTrust(() => {
        workspace.textDocuments.forEach((document) => this.opened(document));
        void this.findAny();
      }),
    );
    workspace.textDocuments.forEach((document) => this.opened(document));
    void this.findAny();
  }

  private get controller(): TestController {
    if (this.made !== null) return this.made;
    const controller = tests.createTestController('inferenceLens.checks', 'Inference Lens');
    controller.resolveHandler = async (item) => {
      if (item === undefined) await this.findAll();
      else await this.list(item);
    };
    controller.refreshHandler = () => this.findAll();
    controller.createRunProfile(
      t('Run'),
      TestRunProfileKind.Run,
      (request) => this.run(request).then(() => undefined),
      true,
    );
    this.made = controller;
    return controller;
  }

  dispose(): void {
    for (const pause of this.pauses.values()) clearTimeout(pause);
    Disposable.from(...this.listening, this.problems).dispose();
    this.made?.dispose();
  }

  /** The command. @param clicked what was right-clicked; without it the file in the editor */
  async runFile(clicked: unknown): Promise<void> {
    const uri = clicked instanceof Uri ? clicked : window.activeTextEditor?.document.uri;
    if (uri === undefined || !(await mayExpect(uri))) {
      void window.showInformationMessage(t('Open a test file, whose name ends with {0}.', CHECK_SUFFIX));
      return;
    }
    await save(uri);
    const item = this.itemOf(uri);
    const failure = await this.run(new TestRunRequest([item]));
    if (failure !== null) await showFailure(this.services, failure);
    await runCommand('vscode.revealTestInExplorer', item);
  }

  /** One is enough to show where all of them will be; the others are looked for when somebody looks. */
  private async findAny(): Promise<void> {
    if (!workspace.isTrusted) return;
    for (const uri of await findFiles(true)) this.itemOf(uri);
  }

  private async findAll(): Promise<void> {
    if (!workspace.isTrusted) return;
    for (const uri of await findFiles()) this.itemOf(uri);
  }

  private opened(document: TextDocument): void {
    const { uri } = document;
    if (!workspace.isTrusted) return;
    if (isCheck(uri) || (isLens(uri) && saysExpect(document.getText()))) void this.list(this.itemOf(uri));
  }

  /** On disk. */
  private async found(uri: Uri): Promise<void> {
    if (workspace.isTrusted && (await mayExpect(uri))) this.itemOf(uri);
  }

  /** What was found of the earlier text says nothing of this one. */
  private changed(uri: Uri): void {
    const id = uri.toString();
    this.listings.delete(id);
    this.problems.clear(uri);
    clearTimeout(this.pauses.get(id));
    const pause = setTimeout(() => void this.listAgain(uri), PAUSE);
    this.pauses.set(id, pause);
  }

  /** A lens may only now expect something, or no longer. */
  private async listAgain(uri: Uri): Promise<void> {
    if (!workspace.isTrusted) return;
    if (!(await mayExpect(uri))) {
      this.made?.items.delete(uri.toString());
      return;
    }
    const item = this.itemOf(uri);
    this.made?.invalidateTestResults(item);
    await this.list(item);
  }

  private forget(uri: Uri): void {
    const id = uri.toString();
    clearTimeout(this.pauses.get(id));
    this.listings.delete(id);
    this.made?.items.delete(id);
    this.problems.clear(uri);
  }

  private itemOf(uri: Uri): TestItem {
    const id = uri.toString();
    const known = this.controller.items.get(id);
    if (known !== undefined) return known;
    const item = this.controller.createTestItem(id, workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    item.range = new Range(0, 0, 0, 0);
    this.controller.items.add(item);
    return item;
  }

  /** What the current text of the file expects; requested once. */
  private list(item: TestItem): Promise<ListedCheck> {
    const known = this.listings.get(item.id);
    if (known !== undefined) return known;
    const listing: Promise<ListedCheck> = this.ask(item).then((listed) => {
      if (this.listings.get(item.id) === listing) this.show(item, listed);
      return listed;
    });
    this.listings.set(item.id, listing);
    return listing;
  }

  private async ask({ uri }: TestItem): Promise<ListedCheck> {
    if (uri === undefined) return { expectations: [], problems: [] };
    const text = openText(uri);
    // The server takes no empty text, which is not a test file either.
    const outcome = await this.services.connection.ask(listCheck, {
      path: uri.fsPath,
      text: text === '' ? ' ' : text,
    });
    if (outcome.ok) return outcome.value;
    const { message, fix } = outcome.failure;
    const problem = {
      code: 'syntax',
      severity: 'error',
      message,
      fix,
      line: 1,
      column: 1,
      repairs: [],
    } as const;
    return { expectations: [], problems: [problem] };
  }

  private show(item: TestItem, listed: ListedCheck): void {
    const { uri } = item;
    if (uri === undefined) return;
    const [problem] = listed.problems;
    // The word alone: the lens expects nothing.
    if (isLens(uri) && problem === undefined && listed.expectations.length === 0)
      this.controller.items.delete(item.id);
    item.error = problem?.message;
    item.children.replace(
      listed.expectations.map(({ id, name, expected, place }, index) => {
        const child = this.controller.createTestItem(idOf(item, id), name, uri);
        child.description = expected;
        child.range = rangeOf(spanOf(place));
        child.sortText = String(index).padStart(4, '0');
        return child;
      }),
    );
  }

  /** File by file: one network computes at a time. Returns the last failure that kept a file from being judged. */
  private async run(request: TestRunRequest): Promise<Failure | null> {
    const run = this.controller.createTestRun(request, 'Inference Lens');
    const { token } = run; // cancelled by Stop, and with whatever asked for the run
    const isOver = (): boolean => token.isCancellationRequested;
    let failure: Failure | null = null;
    try {
      for (const item of filesOf(request, this.controller.items)) {
        if (isOver() || item.uri === undefined) break;
        const listed = await this.list(item);
        if (isOver()) break;
        const now = this.listings.get(item.id);
        const isCurrent = (): boolean => this.listings.get(item.id) === now;
        const check = { item, uri: item.uri, listed, isCurrent };
        failure = (await runOne(this.services, run, check, this.problems, token)) ?? failure;
      }
    } finally {
      run.end();
    }
    return failure;
  }
}

/** A file's expectations are judged together, whichever of them were requested. */
function filesOf(
  { include, exclude = [] }: TestRunRequest,
  all: Iterable<[string, TestItem]>,
): readonly TestItem[] {
  const wanted = (include ?? [...all].map(([, item]) => item)).filter((item) => !exclude.includes(item));
  return [...new Set(wanted.map((item) => item.parent ?? item))];
}
