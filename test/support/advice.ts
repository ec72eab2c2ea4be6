/** Every sentence of advice in the sources: what stands in a `fix`, and what that refers to by name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './cli';

export interface Advice {
  /** Path below the root, with the line. */
  readonly at: string;
  /** The text; what is put in at run time is `{}`. */
  readonly text: string;
  /** Whether remedies stand beside it, which each door words as options, settings, commands and buttons. */
  readonly hasRemedies: boolean;
}

const folders = ['server/src', 'client/src', 'protocol'];

export function sourceFiles(): readonly ts.SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => {
        const path = `${folder}/${name.replaceAll('\\', '/')}`;
        return ts.createSourceFile(
          path,
          readFileSync(join(root, path), 'utf8'),
          ts.ScriptTarget.Latest,
          true,
        );
      }),
  );
}

/** A string or template as a reader sees it; null for anything else. */
export function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
  return null;
}

/** The outermost strings and templates of an expression; what conditions compare with is no text for readers. */
function texts(expression: ts.Node, visit: (text: string, node: ts.Node) => void): void {
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const whole = [expression.left, expression.right].map((side) => joined(side));
    if (whole.every((part) => part !== null)) {
      visit(whole.join(''), expression);
      return;
    }
  }
  const text = textOf(expression);
  if (text !== null) {
    visit(text, expression);
    return;
  }
  if (ts.isConditionalExpression(expression)) {
    texts(expression.whenTrue, visit);
    texts(expression.whenFalse, visit);
    return;
  }
  ts.forEachChild(expression, (child) => texts(child, visit));
}

function joined(node: ts.Node): string | null {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [joined(node.left), joined(node.right)];
    return left === null || right === null ? null : left + right;
  }
  return textOf(node);
}

const isRemedies = (property: ts.ObjectLiteralElementLike): boolean =>
  (ts.isPropertyAssignment(property) || ts.isShorthandPropertyAssignment(property)) &&
  property.name.getText() === 'remedies';

/** Functions that take a `fix`, as arguments are counted. */
function helpersOf(file: ts.SourceFile): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const position = node.parameters.findIndex((parameter) => parameter.name.getText() === 'fix');
      const name =
        ts.isFunctionDeclaration(node) && node.name !== undefined
          ? node.name.text
          : ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
            ? node.parent.name.text
            : null;
      if (position >= 0 && name !== null) found.set(name, position);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Advice is what `fix` is given, also through a function that takes one, and every constant whose name says that it is one (`fix`, `FIX`, `downloadAgain` used as one). */
export function allAdvice(files = sourceFiles()): readonly Advice[] {
  const found: Advice[] = [];
  for (const file of files) {
    const used = new Set<string>();
    const at = (node: ts.Node) =>
      `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const add = (node: ts.Node, hasRemedies: boolean) => {
      if (ts.isIdentifier(node)) used.add(node.text);
      texts(node, (text, where) => found.push({ at: at(where), text, hasRemedies }));
    };
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'fix')
        add(
          node.initializer,
          ts.isObjectLiteralExpression(node.parent) && node.parent.properties.some(isRemedies),
        );
      ts.forEachChild(node, visit);
    };
    visit(file);
    for (const [name, position] of helpersOf(file)) {
      const calls = (node: ts.Node): void => {
        const argument =
          ts.isCallExpression(node) && node.expression.getText() === name && node.arguments[position];
        if (argument) add(argument, false);
        ts.forEachChild(node, calls);
      };
      calls(file);
    }
    const constants = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined)
        if (/fix$/i.test(node.name.text) || used.has(node.name.text)) add(node.initializer, false);
      ts.forEachChild(node, constants);
    };
    constants(file);
  }
  return found;
}
