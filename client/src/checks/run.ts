/** Runs one test file in a run of the editor's, and says of every expectation what became of it. */
import { randomUUID } from 'node:crypto';
import {
  Location,
  ProgressLocation,
  TestMessage,
  window,
  type CancellationToken,
  type TestItem,
  type TestRun,
  type Uri,
} from 'vscode';
import type { CheckOutcome, FinishedCheck, ListedCheck } from '../../../protocol/checks';
import type { Failure, Outcome } from '../../../protocol/failure';
import { cancel, progress, runCheck } from '../../../protocol/requests';
import type { Services } from '../services';
import { rangeOf, type CheckProblems } from './problems';
import { expectationAt, firstLine, lineFrom, messageOf, placed, spanOf } from './shown';
import { t } from '../l10n';

export interface CheckItem {
  readonly item: TestItem;
  readonly uri: Uri;
  /** As the file is now; its expectations are the item's children. */
  readonly listed: ListedCheck;
  /** Whether the text is still the one that was run. */
  readonly isCurrent: () => boolean;
}

/** What went wrong where nothing was judged; null where it was, or the reader stopped it. */
export async function runOne(
  services: Services,
  run: TestRun,
  check: CheckItem,
  problems: CheckProblems,
  token: CancellationToken,
): Promise<Failure | null> {
  const { item, uri, listed, isCurrent } = check;
  const children = new Map(item.children);
  const expectations = [...children.values()];
  if (listed.problems.length > 0) {
    run.errored(
      item,
      listed.problems.map((problem) => at(new TestMessage(problem.message), uri, lineFrom(problem))),
    );
    return null;
  }
  for (const child of expectations) run.started(child);
  const outcome = await ask(services, uri, token);
  if (outcome.ok) {
    const { outcomes, notes } = outcome.value;
    for (const note of notes) run.appendOutput(`${note}\r\n`);
    for (const each of outcomes) {
      run.appendOutput(`${each.passed ? 'passed' : 'FAILED'}  ${each.message}\r\n`);
      const child = children.get(idOf(item, each.id));
      if (child !== undefined) report(run, child, each, uri);
    }
    if (isCurrent()) problems.ofOutcomes(uri, outcomes, listed);
    return null;
  }
  const { failure } = outcome;
  if (failure.kind === 'cancelled') {
    for (const child of expectations) run.skipped(child);
    return null;
  }
  fail(run, check, children, failure, problems);
  return failure;
}

export const idOf = (file: TestItem, expectation: string): string => `${file.id}#${expectation}`;

function ask({ connection }: Services, uri: Uri, token: CancellationToken): Promise<Outcome<FinishedCheck>> {
  const job = randomUUID();
  const options = { location: ProgressLocation.Window, title: t('Checking') };
  return Promise.resolve(
    window.withProgress(options, async (bar) => {
      const stop = connection.on(progress, (now) => {
        if (now.job === job) bar.report({ message: now.progress.message });
      });
      const stopping = token.onCancellationRequested(() => void connection.ask(cancel, { job }));
      try {
        return await connection.ask(runCheck, { job, path: uri.fsPath });
      } finally {
        stop();
        stopping.dispose();
      }
    }),
  );
}

function report(run: TestRun, child: TestItem, outcome: CheckOutcome, uri: Uri): void {
  if (outcome.passed) {
    run.passed(child);
    return;
  }
  const message = TestMessage.diff(messageOf(outcome), outcome.expected, outcome.found);
  if (child.range !== undefined) message.location = new Location(uri, child.range);
  run.failed(child, message);
}

/** At the expectation that the failure is about, else at the file; the others were not judged. */
function fail(
  run: TestRun,
  { item, uri, listed, isCurrent }: CheckItem,
  children: ReadonlyMap<string, TestItem>,
  { message, fix, code }: Failure,
  problems: CheckProblems,
): void {
  const place = placed(message, uri.fsPath);
  const text = [place?.text ?? message, fix].filter((part) => part !== null).join(' ');
  const about = place === null ? null : expectationAt(place, listed.expectations);
  const span = about !== null ? firstLine(spanOf(about.place)) : lineFrom(place ?? { line: 1, column: 1 });
  const blamed = (about === null ? undefined : children.get(idOf(item, about.id))) ?? item;
  for (const child of children.values()) if (child !== blamed) run.skipped(child);
  run.errored(blamed, at(new TestMessage(text), uri, span));
  run.appendOutput(`${message} [${code}]\r\n`);
  if (isCurrent()) problems.ofError(uri, span, text, code);
}

function at(message: TestMessage, uri: Uri, span: Parameters<typeof rangeOf>[0]): TestMessage {
  message.location = new Location(uri, rangeOf(span));
  return message;
}
