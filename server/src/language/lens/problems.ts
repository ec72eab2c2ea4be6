/** A lens's problems as an editor shows them, and their quick fixes as edits of the text. */
import { findNodeAtOffset } from 'jsonc-parser';
import {
  CodeActionKind,
  DiagnosticSeverity,
  type CodeAction,
  type Diagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver';
import type { LensProblem, LensRepair } from '../../../../protocol/lens-check';
import { insertItem, removeValue, setValue, type Edit } from '../../lens/edit-lens';
import { offsetAt } from '../../lens/problems';
import { treeOf } from '../../lens/text-tree';
import type { TextDocument } from '../text-document';

export const SOURCE = 'Inference Lens';

export function diagnosticOf(problem: LensProblem, document: TextDocument): Diagnostic {
  const { severity, message, fix, code } = problem;
  return {
    ...{ source: SOURCE, code, range: rangeOf(problem, document) },
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: fix === null ? message : `${message} ${fix}`,
  };
}

/** The key, word or bracket at the problem's place; of longer values the first line. */
function rangeOf({ line, column }: LensProblem, document: TextDocument): Range {
  const offset = offsetAt(document.text, line, column);
  const tree = treeOf(document.text);
  const node = tree === undefined ? undefined : findNodeAtOffset(tree, offset);
  const isStart = node !== undefined && node.offset === offset;
  const range = document.rangeOf(offset, isStart ? node.length : 1);
  if (range.start.line === range.end.line) return range;
  return {
    start: range.start,
    end: { line: range.start.line, character: document.lineAt(range.start.line).length },
  };
}

/** Quick fixes of the problems in a range. */
export function repairsIn(
  document: TextDocument,
  range: Range,
  problems: readonly LensProblem[],
): readonly CodeAction[] {
  return problems.flatMap((problem) => {
    const diagnostic = diagnosticOf(problem, document);
    if (!overlap(diagnostic.range, range)) return [];
    return problem.repairs.map((repair, i) => ({
      ...{ title: repair.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] },
      isPreferred: i === 0,
      edit: { changes: { [document.uri]: editsOf(repair, problem, document) } },
    }));
  });
}

const before = (a: Range['start'], b: Range['start']): boolean =>
  a.line < b.line || (a.line === b.line && a.character <= b.character);
const overlap = (a: Range, b: Range): boolean => before(a.start, b.end) && before(b.start, a.end);

function editsOf(repair: LensRepair, problem: LensProblem, document: TextDocument): TextEdit[] {
  return changes(repair, problem, document.text).map(({ offset, length, content }) => ({
    range: document.rangeOf(offset, length),
    newText: content,
  }));
}

function changes(repair: LensRepair, { line, column }: LensProblem, text: string): readonly Edit[] {
  switch (repair.do) {
    case 'replace': {
      const offset = offsetAt(text, line, column);
      const tree = treeOf(text);
      const node = tree === undefined ? undefined : findNodeAtOffset(tree, offset);
      if (node === undefined || node.type !== 'string') return [];
      return [{ offset: node.offset, length: node.length, content: JSON.stringify(repair.text) }];
    }
    case 'set':
      return setValue(text, repair.path, repair.value);
    case 'insert':
      return insertItem(text, repair.path, repair.value);
    case 'remove':
      return removeValue(text, repair.path);
  }
}
