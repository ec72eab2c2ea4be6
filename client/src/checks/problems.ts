/** Test files in Problems: what did not hold when they were last run. What is wrong with their text, the server says. */
import { Diagnostic, DiagnosticSeverity, Range, languages, type Disposable, type Uri } from 'vscode';
import type { CheckOutcome, ListedCheck } from '../../../protocol/checks';
import { firstLine, messageOf, spanOf, type Span } from './shown';

const SOURCE = 'Inference Lens';

export const rangeOf = ({ start, end }: Span): Range =>
  new Range(start.line, start.character, end.line, end.character);

export class CheckProblems implements Disposable {
  private readonly shown = languages.createDiagnosticCollection('inferenceLens.checks');

  dispose(): void {
    this.shown.dispose();
  }

  clear(uri: Uri): void {
    this.shown.delete(uri);
  }

  /** Those that hold are no problem. @param listed as the file was when it was run */
  ofOutcomes(uri: Uri, outcomes: readonly CheckOutcome[], listed: ListedCheck): void {
    const spans = new Map(listed.expectations.map(({ id, place }) => [id, firstLine(spanOf(place))]));
    this.shown.set(
      uri,
      outcomes.flatMap((outcome) => {
        const span = spans.get(outcome.id);
        return outcome.passed || span === undefined
          ? []
          : [diagnostic(span, messageOf(outcome), outcome.id.split('/')[0] ?? outcome.id)];
      }),
    );
  }

  ofError(uri: Uri, span: Span, message: string, code: string): void {
    this.shown.set(uri, [diagnostic(span, message, code)]);
  }
}

function diagnostic(span: Span, message: string, code: string): Diagnostic {
  const made = new Diagnostic(rangeOf(span), message, DiagnosticSeverity.Error);
  made.source = SOURCE;
  made.code = code;
  return made;
}
