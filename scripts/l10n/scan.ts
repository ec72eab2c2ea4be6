/**
 * Reads one file of the extension or of a page: which texts it has translated, and which it shows without that. A text is shown where it
 * stands in JSX, or where it reads like prose and nothing around it says that it is for programs.
 */
import ts from 'typescript';

export interface Found {
  readonly text: string;
  /** Path and line. */
  readonly at: string;
}

export interface Scanned {
  /** First arguments of `t`. */
  readonly texts: readonly Found[];
  /** Shown in English whatever the display language. */
  readonly untranslated: readonly Found[];
}

/** Attributes of elements and of our own components that no reader sees. */
const TECHNICAL_ATTRIBUTES =
  /^(?:class|id|key|ref|role|type|kind|style|src|href|d|viewBox|for|fill|width|height|tabIndex|scope|loading|decoding|preserveAspectRatio|letter|file|appearance|readout|what|palette|rel|aria-(?:busy|hidden|live|labelledby|describedby|controls|current|activedescendant|orientation|sort|haspopup|pressed|expanded|selected))$/;

/** Properties that programs read. */
const TECHNICAL_PROPERTIES =
  /^(?:type|kind|code|do|what|command|setting|id|key|scheme|pattern|class|language|method|when|value|path|file|name|extension|mode|operator|role)$/;

/** Properties that are shown, however short their text. */
const SHOWN_PROPERTIES =
  /^(?:title|label|description|detail|placeHolder|prompt|tooltip|hint|openLabel|text|reason|fix|picture|message|help)$/;

/** Calls whose texts are for programs, for the log, or for whoever reads a stack trace. */
const TECHNICAL_CALLS =
  /(?:^|\.)(?:translated|error|warn|info|require|includes|startsWith|endsWith|indexOf|lastIndexOf|split|join|replace|replaceAll|match|test|has|get|set|getElementById|querySelector|querySelectorAll|closest|addEventListener|removeEventListener|getContext|from|asset|runCommand|executeCommand|getConfiguration|affectsConfiguration|registerCommand|localeCompare|matchMedia|getPropertyValue|setProperty|toString|createHash|digest)$/;

/** Proper names and signs, the same in every language; longer ones first. */
const NAMES = new RegExp(
  [
    ...['Inference Lens', 'MobileNet V2', 'x0, y0, x1, y1', '-Infinity', 'ImageNet', 'PyTorch', 'Markdown'],
    ...['onnxruntime', 'sharp', 'Python', 'Doctor', 'Viridis', 'Inferno', 'Turbo', 'FLOPs', 'JSON', 'FSBI'],
    ...['Node', 'Lens', 'WebP', 'NaN', 'Jet', 'CSV', 'PNG', 'SVG'],
    ...['kB', 'MB', 'GB', 'ms', 'px'], // units
  ]
    .map((name) => `(?<!\\p{L})${name}(?!\\p{L})`)
    .join('|'),
  'gu',
);

/** What is left of a text without holes, icons, code and names. */
const bare = (text: string): string =>
  text.replace(/\{\}|\$\([\w-]+\)|`[^`]*`|\*\*/g, ' ').replace(NAMES, ' ');

const isLetters = (text: string): boolean => /\p{L}{2}/u.test(text);

/** Words with space between them, or one that begins with a capital. */
const isProse = (text: string): boolean =>
  /\p{L}{2}[\p{L}’',.:;!?…)”]*\s+[(“]?\p{L}/u.test(text) || /^[^\p{L}<]*\p{Lu}\p{Ll}+/u.test(text);

/** Words around what a template puts in, with space between: `{} of {}`, and not `step-{}`. */
const isPhrase = (text: string): boolean => /(?:^|\s)\p{Ll}{2,}(?=\s|[:,.]?$)/u.test(text);

/** Literal text of a string or template, with a space for what is put in; null for anything else. */
function literal(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `{}${span.literal.text}`).join('');
}

const nameOf = (node: ts.CallExpression | ts.NewExpression): string => node.expression.getText();

function isTechnicalParent(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent))
    return true;
  if (ts.isExternalModuleReference(parent) || ts.isModuleDeclaration(parent)) return true;
  if (ts.isCaseClause(parent) || ts.isElementAccessExpression(parent)) return true;
  if (ts.isPropertyAssignment(parent))
    return parent.name === node || TECHNICAL_PROPERTIES.test(parent.name.getText());
  if (ts.isBinaryExpression(parent)) return /^(?:[=!]==?|in)$/.test(parent.operatorToken.getText());
  if (ts.isJsxAttribute(parent)) return TECHNICAL_ATTRIBUTES.test(parent.name.getText());
  return (
    (ts.isCallExpression(parent) && TECHNICAL_CALLS.test(nameOf(parent))) ||
    (ts.isNewExpression(parent) && /Error$|RegExp|ThemeColor|RelativePattern/.test(nameOf(parent)))
  );
}

/** Whether anything between the text and its statement says that programs read it. */
function isTechnical(node: ts.Node): boolean {
  for (let at = node; !ts.isStatement(at) && !ts.isSourceFile(at); at = at.parent) {
    if (isTechnicalParent(at)) return true;
    // What a condition chooses between, or a template holds, is read where that is.
    const goesOn =
      ts.isConditionalExpression(at.parent) ||
      ts.isParenthesizedExpression(at.parent) ||
      ts.isJsxExpression(at.parent) ||
      ts.isTemplateSpan(at.parent) ||
      ts.isTemplateExpression(at.parent) ||
      ts.isAsExpression(at.parent) ||
      (ts.isBinaryExpression(at.parent) && /^(?:\+|\?\?|\|\||&&)$/.test(at.parent.operatorToken.getText()));
    if (!goesOn) return false;
  }
  return false;
}

/** Whether text of an element is one of its own language, such as a key of a file. */
const isCode = (node: ts.Node): boolean =>
  ts.isJsxExpression(node.parent) &&
  ts.isJsxElement(node.parent.parent) &&
  node.parent.parent.openingElement.tagName.getText() === 'code';

/** What a text comes to, through conditions: the place where it is one of several. */
function outermost(node: ts.Node): ts.Node {
  const { parent } = node;
  const isOne =
    (ts.isConditionalExpression(parent) && parent.condition !== node) ||
    (ts.isBinaryExpression(parent) && /^(?:\?\?|\|\||&&)$/.test(parent.operatorToken.getText())) ||
    ts.isParenthesizedExpression(parent);
  return isOne ? outermost(parent) : node;
}

function isShown(node: ts.Node, whole: string): boolean {
  const text = bare(whole);
  if (!isLetters(text)) return false;
  if (ts.isJsxText(node)) return true;
  if (isTechnical(node) || isCode(node)) return false;
  const { parent } = outermost(node);
  if (ts.isJsxAttribute(parent) || ts.isJsxExpression(parent)) return true;
  if (ts.isCallExpression(parent) && nameOf(parent) === 't') return true;
  if (ts.isPropertyAssignment(parent) && SHOWN_PROPERTIES.test(parent.name.getText())) return true;
  return isProse(text) || (ts.isTemplateExpression(node) && isPhrase(text));
}

/** Names of kinds of files, which a dialog shows. */
const isFilter = (node: ts.Node): node is ts.PropertyAssignment =>
  ts.isPropertyAssignment(node) &&
  ts.isIdentifier(node.name) &&
  ts.isObjectLiteralExpression(node.parent) &&
  (ts.isVariableDeclaration(node.parent.parent) || ts.isPropertyAssignment(node.parent.parent)) &&
  node.parent.parent.name.getText() === 'filters';

/** @param path below the root, with slashes; it is said where something is found */
export function scan(path: string, source: string): Scanned {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kind);
  const texts: Found[] = [];
  const untranslated: Found[] = [];
  const place = (node: ts.Node): string =>
    `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && nameOf(node) === 't') {
      const [first, ...values] = node.arguments;
      if (first !== undefined && ts.isStringLiteralLike(first))
        texts.push({ text: first.text, at: place(node) });
      else untranslated.push({ text: node.getText(), at: place(node) });
      values.forEach(visit);
      return;
    }
    if (isFilter(node)) untranslated.push({ text: node.name.getText(), at: place(node) });
    const text = literal(node);
    if (text !== null && isShown(node, text)) untranslated.push({ text: text.trim(), at: place(node) });
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return { texts, untranslated };
}
